import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suiteNumber } from '@chartseal/conformance/suite-option';

const races = join(import.meta.dirname, 'full.ts');
/** `--identifiers=…` */
const identifiers = String(suiteNumber('identifiers', 1_000));

/** 64 clients on 1,000 identifiers, on each store: conditional creates, conditional updates, If-Match. */
export function runRacesSuite(): boolean {
  return ['sqlite', 'mongod'].every((store) => {
    const { status } = spawnSync(process.execPath, [races, identifiers, store], {
      stdio: 'inherit',
    });
    console.log(`${status === 0 ? 'PASS' : 'FAIL'}  64 × ${identifiers} on ${store}`);
    return status === 0;
  });
}
