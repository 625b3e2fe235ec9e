import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { crashDelays, crashDrill } from '../../../../server/test/support/crash-drill.ts';
import { withStack } from '../../whole-stack.ts';
import { serverOnFabric } from './server-on-fabric.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const drill = join(root, 'server', 'test', 'crash', 'drill.ts');

/** `--kills=…` and `--on=sqlite|mongod|fabric` */
function option(name: string): string | undefined {
  const prefix = `--${name}=`;
  return process.argv.find((word) => word.startsWith(prefix))?.slice(prefix.length);
}

/**
 * kill -9 at that many points inside transactions, on each store over the embedded ledger, and on a whole stack over
 * Fabric: every transaction is whole or absent, answered ones are there.
 */
export async function runCrashSuite(): Promise<boolean> {
  const kills = option('kills') ?? '100';
  const on = option('on')?.split(',') ?? ['sqlite', 'mongod', 'fabric'];
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
