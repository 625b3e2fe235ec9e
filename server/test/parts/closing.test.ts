import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { closeAll } from '../../src/parts/ambient.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { prepareFolder } from '../support/app.ts';

describe('the parts of the server', () => {
  it('are closed in the reverse order, also after one that fails', async () => {
    const closed: string[] = [];
    const part = (name: string, fault?: Error) => ({
      close: () => {
        closed.push(name);
        if (fault) throw fault;
      },
    });
    await assert.rejects(
      closeAll([part('store'), part('ledger', new Error('gone')), part('background')]),
      (error: AggregateError) => error.errors.length === 1,
    );
    assert.deepEqual(closed, ['background', 'ledger', 'store']);
  });

  it('are closed when a later one cannot be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parts-'));
    try {
      const environment = prepareFolder(folder);
      const config = readConfig(environment);
      writeFileSync(config.directory, 'no JSON');
      await assert.rejects(createApp(config));
      // The file belongs to one process at a time, and to nobody now.
      assert.ok(config.store.kind === 'sqlite');
      const { path } = config.store;
      const store = await openSqliteStore(path, {
        randomBytes: (bytes) => Buffer.alloc(bytes),
        past: { keepMs: 1000, now: () => 0 },
      });
      await store.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
