import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const drill = join(
  ...[import.meta.dirname, '..', '..', '..', '..', 'server', 'test', 'crash', 'drill.ts'],
);
const KILLS = 100;

/** kill -9 at 100 points inside transactions, on each store: every transaction is whole or absent, answered ones are there. */
export function runCrashSuite(): boolean {
  return ['sqlite', 'mongod'].every((store) => {
    const { status } = spawnSync(process.execPath, [drill, String(KILLS), store], {
      stdio: 'inherit',
    });
    console.log(`${status === 0 ? 'PASS' : 'FAIL'}  ${KILLS} kills on ${store}`);
    return status === 0;
  });
}
