import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { IndexUpkeep } from '../../src/interactions/index/index-upkeep.ts';
import type { Filter } from '../../src/search/query.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { observation } from '../support/clinical-samples.ts';
import { r4 } from '../support/r4.ts';
import { aVersion } from '../support/store-samples.ts';

const RESOURCES = 400;
let folder: string;
let store: Store;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upkeep-'));
  store = await openSqliteStore(join(folder, 'store.sqlite'), { randomBytes });
  const versions = Array.from({ length: RESOURCES }, (_, n) => {
    const resource = observation(`o${n}`, 'p', n % 2 === 0 ? 'even' : 'odd');
    return aVersion({ id: resource.id, body: Buffer.from(JSON.stringify(resource)) });
  });
  await store.write({ versions });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const upkeep = (
  failed: (error: unknown) => void = assert.ifError,
  of: Store = store,
): IndexUpkeep =>
  new IndexUpkeep({
    store: of,
    r4,
    now: () => performance.now(),
    grace: 0,
    poll: undefined,
    log: { progress: () => undefined, failed },
  });
const found = async (): Promise<number | undefined> => {
  const filter = { op: 'token', param: 'code', code: 'even' } as const;
  const { total } = await store.versions.search({
    type: 'Observation',
    filter,
    sort: [],
    count: 0,
    total: 'accurate',
  });
  return total;
};
const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; !condition(); i += 1) {
    assert.ok(i < 2_000, 'it never happens');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('the index of a store that an earlier version wrote', () => {
  it('is made again in the background, goes on after a restart, and is known to be incomplete till then', async () => {
    assert.equal(await found(), 0);
    const first = upkeep();
    await first.start();
    assert.ok(first.outdated('Observation'));
    assert.ok(!first.outdated('Patient'), 'nothing is stored of it');
    await until(() => (first.status()[0]?.done ?? 0) >= 50);
    await first.stop();
    const [interrupted] = first.status();
    assert.equal(interrupted?.total, RESOURCES);
    assert.ok(interrupted.done < RESOURCES, 'it was not done yet');
    const part = (await found()) ?? 0;
    assert.ok(part > 0 && part < RESOURCES / 2);

    const second = upkeep();
    await second.start();
    await until(() => (second.status()[0]?.done ?? RESOURCES) > 0);
    const [resumed] = second.status();
    assert.ok(resumed === undefined || resumed.done >= interrupted.done, 'it goes on where it was');
    await until(() => second.status().length === 0);
    assert.ok(!second.outdated('Observation'));
    assert.equal(await found(), RESOURCES / 2);
    await second.stop();

    const third = upkeep();
    await third.start();
    assert.deepEqual(third.status(), [], 'there is nothing left to do');
    await third.stop();
  });

  it('outlasts failures of the store', async () => {
    const failures: unknown[] = [];
    const versions = new Proxy(store.versions, {
      get: (target, name) =>
        name === 'reindex' && failures.length === 0
          ? () => Promise.reject(new Error('gone'))
          : (Reflect.get(target, name, target) as (...args: never[]) => unknown).bind(target),
    });
    const broken: Store = {
      versions,
      records: store.records,
      leaves: store.leaves,
      shared: store.shared,
      write: (set) => store.write(set),
      ready: () => store.ready(),
      close: () => store.close(),
    };
    await store.write({
      records: [
        { collection: 'index', key: '*', value: Buffer.from('{"version":0,"ready":[]}') },
        { collection: 'index', key: 'Observation', value: undefined },
      ],
    });
    const again = upkeep((error) => failures.push(error), broken);
    await again.start();
    await until(() => again.status().length === 0);
    await again.stop();
    assert.equal(failures.length, 1);
    assert.equal(await found(), RESOURCES / 2);
  });

  it('goes on where a resource contains more than is indexed', async () => {
    const path = join(folder, 'full.sqlite');
    const full = await openSqliteStore(path, { randomBytes });
    const contained = Array.from({ length: 600 }, (_, n) => ({
      ...observation(`o${n}`, 'p', `c${n}`),
      derivedFrom: [{ reference: `#o${(n + 1) % 600}` }, { reference: `#o${(n + 2) % 600}` }],
    }));
    const body = (resource: object) => Buffer.from(JSON.stringify(resource));
    const plain = observation('z', 'p', 'even');
    await full.write({
      versions: [
        aVersion({ id: 'full', body: body({ ...observation('full', 'p', 'even'), contained }) }),
        aVersion({ id: 'z', body: body({ ...plain, contained: contained.slice(0, 1) }) }),
      ],
    });
    const failures: unknown[] = [];
    const again = upkeep((error) => failures.push(error), full);
    await again.start();
    await until(() => again.status().length === 0);
    await again.stop();
    const ask = async (filter: Filter) => {
      const query = { type: 'Observation', filter, sort: [], count: 9, total: 'none' } as const;
      return (await full.versions.search(query)).matches.map(({ id }) => id);
    };
    const even: Filter = { op: 'token', param: 'code', code: 'even' };
    assert.deepEqual(await ask(even), ['full', 'z']);
    const first: Filter = { op: 'token', param: 'code', code: 'c0' };
    assert.deepEqual(await ask({ op: 'inside', type: 'Observation', filter: first }), ['z']);
    assert.match(String(failures), /^FhirError: [^,]*too much lies inside/);
    await full.close();
  });
});
