import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const races = join(
  ...[import.meta.dirname, '..', '..', '..', '..', 'server', 'test', 'races', 'full.ts'],
);
/** `--identifiers=…` */
const identifiers =
  process.argv.map((word) => /^--identifiers=(\d+)$/.exec(word)?.[1]).find(Boolean) ?? '1000';

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
