import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CONTRACT_CLASSES } from '../src/contracts.ts';
import { CALLS, endorseAll } from './support/endorse-once.ts';

const SCRIPT = fileURLToPath(new URL('./support/endorse-once.ts', import.meta.url));

const TRANSACTIONS = Object.entries(CONTRACT_CLASSES).flatMap(([contract, { prototype }]) =>
  Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .map((name) => `${contract}:${name}`),
);

describe('every transaction is deterministic', () => {
  it('and each is called here', () => {
    assert.deepEqual([...new Set<string>(CALLS.map(([name]) => name))].sort(), TRANSACTIONS.sort());
  });

  it('over 100 runs, byte for byte', async () => {
    const seen = new Set<string>();
    for (let run = 0; run < 100; run += 1) seen.add(await endorseAll());
    assert.equal(seen.size, 1);
  });

  it('over processes of other time zones, locales and hash seeds', async () => {
    const here = await endorseAll();
    const run = promisify(execFile);
    const there = await Promise.all(
      [
        { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8' },
        { TZ: 'America/St_Johns', LANG: 'C' },
      ].map((env) =>
        run(process.execPath, ['--random-seed=7', SCRIPT], { env: { ...process.env, ...env } }),
      ),
    );
    assert.deepEqual(
      there.map(({ stdout }) => stdout),
      [here, here],
    );
  });
});
