import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Filter } from '../../src/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { keyOf } from '../support/moving-world.ts';
import { firstSchema } from '../support/sqlite-schema-1.ts';
import { anAccess, aVersion, token } from '../support/store-samples.ts';

/** Observation a in two versions, b deleted in its second, Patient c in one; as schema 1 kept them. */
function writeFirstFile(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(firstSchema);
  db.exec(`PRAGMA application_id = 1129532465; PRAGMA user_version = 1;
    INSERT INTO param VALUES (1, 'Observation', 'code', 'token'), (2, 'Observation', '', 'patient'),
      (3, 'Patient', '', 'patient');
    INSERT INTO resource VALUES (1, 'Observation', 'a', 2, 4, 0, 400), (2, 'Observation', 'b', 2, 5, 1, 500),
      (3, 'Patient', 'c', 1, 3, 0, 300);
    INSERT INTO version VALUES
      (1, 1, 1, 0, 100, 'POST', 'l1', '["c"]', x'01'), (2, 2, 1, 0, 200, 'POST', 'l2', '["c","d"]', x'02'),
      (3, 3, 1, 0, 300, 'PUT', 'l3', '[]', x'03'), (4, 1, 2, 0, 400, 'PUT', 'l4', '["d"]', x'04'),
      (5, 2, 2, 1, 500, 'DELETE', 'l5', '["c","d"]', x'');
    INSERT INTO token_entry VALUES (1, 1, 'new', 0);
    INSERT INTO patient_entry VALUES (1, 2, 'd'), (3, 3, '');`);
  const add = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  add.run('page-key', randomBytes(64));
  add.run('anchored', 0);
  add.run('probe', 0);
  db.close();
}

describe('a store file of schema 1', () => {
  let folder: string;
  let store: Store;
  const open = (): Promise<Store> => openSqliteStore(join(folder, 'store.db'), { randomBytes });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartseal-migration-'));
    writeFirstFile(join(folder, 'store.db'));
    await (await open()).close();
    // What was brought up to date stays so.
    store = await open();
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('has all its versions', async () => {
    const history = await store.versions.history('Observation', 'a', { count: 9 });
    assert.deepEqual(
      history.map(({ version, body }) => [version, body[0]]),
      [
        [2, 4],
        [1, 1],
      ],
    );
    assert.equal((await store.versions.current('Observation', 'b'))?.deleted, true);
    assert.deepEqual((await store.versions.version('Observation', 'b', 1))?.patients, ['c', 'd']);
  });

  it('lists its changes', async () => {
    const of = async (query: object): Promise<readonly string[]> =>
      (await store.versions.changes({ count: 9, ...query })).versions.map(keyOf);
    assert.deepEqual((await of({})).slice(-5), [
      'Observation/b/2',
      'Observation/a/2',
      'Patient/c/1',
      'Observation/b/1',
      'Observation/a/1',
    ]);
    assert.deepEqual(await of({ types: ['Patient'] }), ['Patient/c/1']);
    const only: Filter = { op: 'patients', mode: 'in', patients: ['c'] };
    assert.deepEqual(await of({ narrowed: only }), ['Patient/c/1', 'Observation/a/1']);
  });

  it('is searched, and written to', async () => {
    const find = async (code: string): Promise<readonly string[]> => {
      const filter: Filter = { op: 'token', param: 'code', code };
      const query = { type: 'Observation', filter, sort: [], count: 9, total: 'none' } as const;
      return (await store.versions.search(query)).matches.map(keyOf);
    };
    assert.deepEqual(await find('new'), ['Observation/a/2']);
    const index = [token('code', null, 'newest')];
    await store.write({
      versions: [
        aVersion({ id: 'a', version: 3, index }),
        aVersion({ id: 'b', version: 3, index }),
      ],
    });
    assert.deepEqual(await find('new'), []);
    assert.deepEqual(await find('newest'), ['Observation/a/3', 'Observation/b/3']);
    const { versions } = await store.versions.changes({ count: 2 });
    assert.deepEqual(versions.map(keyOf), ['Observation/b/3', 'Observation/a/3']);
  });
});

describe('a store file of schema 2', () => {
  it('has the accesses of each chain in their places, and goes on from the highest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartseal-migration-'));
    const path = join(folder, 'store.db');
    await (await openSqliteStore(path, { randomBytes })).close();
    const subject = 'a'.repeat(32);
    const db = new DatabaseSync(path);
    db.exec(`DROP INDEX leaf_by_chain; ALTER TABLE leaf DROP COLUMN chain; ALTER TABLE leaf DROP COLUMN fork;
      CREATE INDEX leaf_by_access ON leaf (subject, seq)
        WHERE subject IS NOT NULL AND kind IN ('disclosure', 'denial');
      PRAGMA user_version = 2`);
    const add = db.prepare(
      `INSERT INTO leaf (id, kind, subject, bytes, hash, salt) VALUES (?, ?, ?, ?, x'01', x'01')`,
    );
    // A gap that an earlier version left, and a place that it gave twice.
    for (const [i, seq] of [0, 2, 3, 5, 5, 4].entries()) {
      const kind = i % 2 ? 'denial' : 'disclosure';
      add.run(`l${i}`, kind, subject, Buffer.from(JSON.stringify({ seq })));
    }
    add.run('version', 'version', subject, Buffer.from('{"seq":9}'));
    db.close();
    const store = await openSqliteStore(path, { randomBytes });
    await store.write({ accesses: [anAccess('next', subject)] });
    const chain = await store.leaves.accesses(subject);
    assert.deepEqual(
      chain.map(({ id }) => id),
      ['l0', 'l1', 'l2', 'l5', 'l3', 'l4', 'next'],
    );
    assert.equal(
      Buffer.from(chain.at(-1)?.bytes ?? [])
        .toString()
        .slice(0, 7),
      '6 after',
    );
    await store.close();
    await rm(folder, { recursive: true });
  });
});
