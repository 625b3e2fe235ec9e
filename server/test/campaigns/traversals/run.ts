import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { suiteNumber, suiteOption } from '@chartseal/conformance/suite-option';

const traversals = join(import.meta.dirname, 'full.ts');

/**
 * Searches paged through over HTTP, from both ends, under eight writers while consents hide and show patients, on each
 * store: `--traversals=…`, `--seed=…`, `--target=sqlite|mongod`.
 */
export function runTraversalsSuite(): boolean {
  const number = suiteNumber('traversals', 1_000);
  const seed = suiteNumber('seed', randomInt(2 ** 31));
  const target = suiteOption('target', /^(sqlite|mongod)$/);
  const stores = target === undefined ? ['sqlite', 'mongod'] : [target];
  const passed = stores.map((store) => {
    const { status } = spawnSync(
      process.execPath,
      [traversals, String(number), store, String(seed)],
      { stdio: 'inherit' },
    );
    console.log(
      `${status === 0 ? 'PASS' : 'FAIL'}  ${number} traversals on ${store}, seed ${seed}`,
    );
    return status === 0;
  });
  return passed.every(Boolean);
}
