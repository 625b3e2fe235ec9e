import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { promisify } from 'node:util';
import type { SearchQuery } from '../../src/search/query.ts';
import { StoreConflict } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { portions } from '../../src/store/sqlite/portions.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { aLargeSet, LARGE } from '../support/large-set.ts';
import { aVersion, aWrite, token } from '../support/store-samples.ts';

let folder: string;
let path: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartseal-aside-'));
  path = join(folder, 'store.db');
  store = await openSqliteStore(path, { randomBytes });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const coded = (name: string, more: Partial<SearchQuery> = {}): SearchQuery => ({
  type: 'Observation',
  filter: { op: 'token', param: `param-${name}`, code: 'code-7' },
  sort: [],
  count: 10,
  total: 'accurate',
  ...more,
});
const all = (more: Partial<SearchQuery> = {}): SearchQuery =>
  coded('', { filter: { op: 'and', all: [] }, count: 0, ...more });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a large set in sqlite', () => {
  it('is whole or absent for every reader, who need not wait for it', async () => {
    await store.write(aWrite({ id: 'before', index: [token('status', null, 'final')] }));
    const under = { way: true };
    const written = store.write(aLargeSet('a')).finally(() => (under.way = false));
    const seen = new Set<number | undefined>();
    let turns = 0;
    for (; under.way; turns += 1) {
      const { total } = await store.versions.search(all());
      seen.add(total);
      const there = await store.versions.current('Observation', 'a-1999');
      if (there) assert.equal((await store.versions.search(coded('a'))).total, 1);
      await turn();
    }
    await written;
    assert.ok(turns > 20, `others had ${turns} turns`);
    assert.deepEqual(
      [...seen].filter((total) => total !== 1 && total !== LARGE + 1),
      [],
    );
    assert.ok(seen.has(1));
    assert.equal((await store.versions.search(all())).total, LARGE + 1);
    assert.deepEqual((await store.versions.search(coded('a'))).matches[0]?.id, 'a-7');
    assert.deepEqual(
      Buffer.from((await store.versions.current('Observation', 'a-1999'))?.body ?? []).toString(),
      '{"set":"a"}',
    );
    assert.equal(await store.leaves.backlog(), LARGE + 1);
    const leaf = await store.leaves.leaf('Observation/a-1/1');
    assert.equal(Buffer.from(leaf?.content ?? []).toString(), 'Observation/a-1/1');
  });

  it('lets the pages of earlier searches show their moment', async () => {
    await store.write(aLargeSet('a'));
    const asked = all({ count: 700, sort: [{ param: '_id', descending: false }] });
    const first = await store.versions.search(asked);
    const writing = store.write({ versions: aLargeSet('a', 2).versions ?? [] });
    const ids: string[] = first.matches.map(({ id }) => id);
    let { next } = first.links;
    while (next !== undefined) {
      const page = await store.versions.search({ ...asked, page: next });
      assert.equal(page.total, LARGE);
      assert.ok(page.matches.every(({ version }) => version === 1));
      ids.push(...page.matches.map(({ id }) => id));
      ({ next } = page.links);
      await turn();
    }
    await writing;
    assert.equal(new Set(ids).size, LARGE);
    assert.equal((await store.versions.current('Observation', 'a-0'))?.version, 2);
  });

  it('is refused whole, and others are written after it', async () => {
    await store.write(aWrite({ id: 'a-1500' }));
    const refused = assert.rejects(store.write(aLargeSet('a')), StoreConflict);
    const next = store.write(aWrite({ id: 'later' }));
    await refused;
    await next;
    assert.equal(await store.records.record('sets', 'a'), undefined);
    assert.equal(await store.versions.current('Observation', 'a-0'), undefined);
    assert.equal((await store.versions.current('Observation', 'later'))?.id, 'later');
    await store.write(aLargeSet('b'));
    await assert.rejects(store.write(aLargeSet('b')), StoreConflict);
    assert.equal((await store.versions.search(coded('b'))).total, 1);
    assert.equal(await store.leaves.backlog(), LARGE + 2);
  });

  it('goes on from the numbers that were given before, and others from its', async () => {
    const small = (id: string) =>
      store.write({ versions: [aVersion({ id, index: [token('param-x', 'urn:new', 'code-7')] })] });
    await small('first');
    await store.write(aLargeSet('a'));
    await small('second');
    await store.write(aLargeSet('b'));
    await small('third');
    const { versions } = await store.versions.changes({ count: 2 * LARGE + 3 });
    assert.equal(versions.length, 2 * LARGE + 3);
    const order = versions.map(({ id }) => id);
    assert.deepEqual([order.at(0), order.at(-1), order[LARGE + 1]], ['third', 'first', 'second']);
    assert.equal((await store.versions.search(coded('x'))).total, 3);
    assert.equal((await store.versions.search(coded('b'))).total, 1);
  });

  it('lets other changes wait their turn, and closing too', async () => {
    const writing = store.write(aLargeSet('a'));
    await turn();
    await turn();
    await store.ready();
    const [first] = await store.leaves.queued(1);
    assert.ok(first);
    const more = store.write(aLargeSet('b'));
    await turn();
    const batch = { txId: 't', signed: Buffer.from('s'), firstIndex: 0, leaves: [first.id] };
    await Promise.all([writing, more, store.leaves.openBatch(batch)]);
    assert.equal((await store.leaves.batch())?.txId, 't');
    const last = store.write(aLargeSet('c'));
    await store.close();
    await last;
    store = await openSqliteStore(path, { randomBytes });
    assert.equal((await store.versions.search(all())).total, 3 * LARGE);
  });

  it('keeps the file to this process', async () => {
    const under = { way: true };
    const writing = (async () => {
      for (let i = 0; under.way; i += 1) await store.write(aLargeSet(`s${i}`));
    })();
    const module = new URL('../../src/store/sqlite/sqlite-store.ts', import.meta.url).href;
    const program = `const { openSqliteStore } = await import(${JSON.stringify(module)});
      for (let i = 0; i < 200; i += 1) {
        await openSqliteStore(${JSON.stringify(path)}, { randomBytes: (n) => new Uint8Array(n) }).then(
          () => console.log('opened'), (error) => console.log(error.message));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program]);
    under.way = false;
    await writing;
    assert.deepEqual(
      [...new Set(stdout.trim().split('\n'))],
      ['The store file is in use by another process'],
    );
  });

  it('is whole or absent after kill -9', async () => {
    await store.close();
    const writer = join(import.meta.dirname, '..', 'support', 'large-set-writer.ts');
    for (const [ms, sets] of [
      [0, 1],
      [40, 1],
      [150, 2],
      [400, 1],
    ] as const) {
      const own = join(folder, `killed-${ms}.db`);
      const child = spawn(process.execPath, [writer, own], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      let acknowledged = 0;
      child.stdout.on('data', (data: Buffer) => {
        acknowledged += data.toString().trim().split('\n').length;
        if (acknowledged >= sets) setTimeout(() => child.kill('SIGKILL'), ms);
      });
      await ended;
      const db = new DatabaseSync(own);
      const count = (sql: string) => Number(db.prepare(sql).get()?.n);
      const kept = count('SELECT count(*) AS n FROM record');
      assert.ok(kept >= acknowledged && kept <= acknowledged + 1, `${kept} of ${acknowledged}`);
      for (const table of ['version', 'resource', 'leaf']) {
        assert.equal(count(`SELECT count(*) AS n FROM ${table}`), kept * LARGE, table);
      }
      db.close();
    }
    store = await openSqliteStore(path, { randomBytes });
  });
});

describe('portions of a set', () => {
  it('are small, in order, with bytes of their own', () => {
    const set = aLargeSet('a');
    const parts = [...portions(set)];
    for (const { set: some, bytes } of parts) {
      const entries = (some.versions ?? []).reduce((sum, { index }) => sum + 1 + index.length, 0);
      const leaves = some.leaves ?? [];
      assert.ok(entries + 4 * leaves.length <= 610, `${entries} entries, ${leaves.length} leaves`);
      assert.ok(bytes.byteLength < 100_000);
      for (const { body } of some.versions ?? []) assert.equal(body.buffer, bytes);
      for (const leaf of leaves) assert.equal(leaf.hash.buffer, bytes);
    }
    const whole = {
      versions: parts.flatMap(({ set: { versions = [] } }) => versions),
      leaves: parts.flatMap(({ set: { leaves = [] } }) => leaves),
      records: parts.flatMap(({ set: { records = [] } }) => records),
    };
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, asText));
    assert.deepEqual(plain(whole), plain(set));
  });
});

function asText(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  const json = value as { readonly type?: string; readonly data?: number[] } | null;
  return json?.type === 'Buffer' && json.data ? Buffer.from(json.data).toString('latin1') : value;
}
