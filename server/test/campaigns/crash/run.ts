import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { crashDelays, crashDrill } from './crash-drill.ts';
import { suiteNumber, suiteOption } from '@chartseal/conformance/suite-option';
import { withStack } from '@chartseal/conformance/whole-stack';
import { serverOnFabric } from './server-on-fabric.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const PLACES = /^(?:sqlite|mongod|fabric)(?:,(?:sqlite|mongod|fabric))*$/;
const drill = join(import.meta.dirname, 'drill.ts');

/**
 * kill -9 at that many points inside transactions, on each store over the embedded ledger, and on a whole stack over
 * Fabric: every transaction is whole or absent, answered ones are there. `--kills=…` and `--on=sqlite,mongod,fabric`
 */
export async function runCrashSuite(): Promise<boolean> {
  const kills = String(suiteNumber('kills', 100));
  const on = (suiteOption('on', PLACES) ?? 'sqlite,mongod,fabric').split(',');
  let passed = true;
  for (const place of on) {
    const survived = place === 'fabric' ? await overFabric(kills) : overStore(kills, place);
    console.log(`${survived ? 'PASS' : 'FAIL'}  ${kills} kills on ${place}`);
    passed &&= survived;
  }
  return passed;
}

function overStore(kills: string, store: string): boolean {
  return spawnSync(process.execPath, [drill, kills, store], { stdio: 'inherit' }).status === 0;
}

async function overFabric(kills: string): Promise<boolean> {
  return withStack({ name: 'crash-stack', port: 18_780, ledger: 'fabric' }, async (stack) => {
    try {
      const report = await crashDrill(serverOnFabric(stack, root), crashDelays(Number(kills)));
      console.log('fabric', JSON.stringify(report));
      return true;
    } catch (error) {
      console.error(error);
      return false;
    }
  });
}
