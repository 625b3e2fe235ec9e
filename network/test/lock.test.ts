import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { withLock } from '../src/processes/lock.ts';

const root = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(root, { recursive: true }));
const path = join(root, 'folder', 'lock.json');

describe('the lock of a network', () => {
  it('is held during the act and gone after it', async () => {
    assert.equal(await withLock(path, () => Promise.resolve(existsSync(path))), true);
    assert.deepEqual(readdirSync(join(root, 'folder')), []);
  });

  it('is gone after a failure', async () => {
    await assert.rejects(
      withLock(path, () => Promise.reject(new Error('act'))),
      /act/,
    );
    assert.equal(existsSync(path), false);
  });

  it('keeps a second act out while the first runs', async () => {
    await withLock(path, async () => {
      await assert.rejects(
        withLock(path, () => Promise.resolve()),
        new RegExp(`process ${process.pid} is working on this network`),
      );
    });
  });

  for (const content of ['', `{"pid":${process.pid},"identity":"another boot/1"}`]) {
    it(`is taken over from an owner that has died, left as ${JSON.stringify(content)}`, async () => {
      writeFileSync(path, content);
      assert.equal(await withLock(path, () => Promise.resolve('done')), 'done');
    });
  }
});
