import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const drill = join(
  ...[import.meta.dirname, '..', '..', '..', '..', 'server', 'test', 'crash', 'drill.ts'],
);
/** `--kills=…`, on each store. */
const kills = process.argv.map((word) => /^--kills=(\d+)$/.exec(word)?.[1]).find(Boolean) ?? '100';

/** kill -9 at that many points inside transactions, on each store: every transaction is whole or absent, answered ones are there. */
export function runCrashSuite(): boolean {
  return ['sqlite', 'mongod'].every((store) => {
    const { status } = spawnSync(process.execPath, [drill, kills, store], {
      stdio: 'inherit',
    });
    console.log(`${status === 0 ? 'PASS' : 'FAIL'}  ${kills} kills on ${store}`);
    return status === 0;
  });
}
