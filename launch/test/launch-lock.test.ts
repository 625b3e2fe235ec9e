import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { asOnlyLauncher, lockFile } from '../src/launch-lock.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'chartseal-lock-'));

describe('the launch lock', () => {
  it('refuses a second launcher, naming the first, and is free afterwards', async () => {
    const dataDir = folder();
    await asOnlyLauncher(dataDir, async () => {
      await assert.rejects(
        asOnlyLauncher(dataDir, () => Promise.resolve()),
        new RegExp(`already running on ${dataDir} \\(process ${process.pid}\\)`),
      );
    });
    assert.equal(existsSync(lockFile(dataDir)), false);
    assert.equal(await asOnlyLauncher(dataDir, () => Promise.resolve('free')), 'free');
  });

  it('is taken over from a launcher that has died, also when its number was given away again', async () => {
    const dataDir = folder();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const record of [
      { pid: dead, identity: 'gone' },
      { pid: process.pid, identity: 'an earlier process' },
    ]) {
      writeFileSync(lockFile(dataDir), JSON.stringify(record));
      assert.equal(await asOnlyLauncher(dataDir, () => Promise.resolve('taken')), 'taken');
    }
    writeFileSync(lockFile(dataDir), '');
    assert.equal(await asOnlyLauncher(dataDir, () => Promise.resolve('taken')), 'taken');
  });

  it('is released when the launcher fails', async () => {
    const dataDir = folder();
    await assert.rejects(
      asOnlyLauncher(dataDir, () => Promise.reject(new Error('failed'))),
      /failed/,
    );
    assert.equal(existsSync(lockFile(dataDir)), false);
  });
});
