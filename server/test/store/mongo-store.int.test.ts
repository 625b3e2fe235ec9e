import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { Source } from '../../src/store/mongo/sources.ts';
import { readHeads } from '../../src/store/mongo/chain-heads.ts';
import { Links } from '../../src/store/mongo/chains.ts';
import { collectionsOf } from '../../src/store/mongo/collections.ts';
import type { ResourceDocument } from '../../src/store/mongo/documents.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { SearchTooCostly, StoreConflict, StoreUnavailable } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreOptions } from '../../src/store/store-options.ts';
import type { Filter } from '../../src/search/query.ts';
import { describeStore } from '../ports/store.ts';
import { freeAddress } from '../support/free-address.ts';
import { startAgain, startReplicaSet, startStandalone } from '../support/mongod.ts';
import { withHome } from '../support/store-home.ts';
import type { StoreHome } from '../support/store-home.ts';
import { aLeaf, anAccess, aVersion, aWrite } from '../support/store-samples.ts';

const module = new URL('../../src/store/mongo/mongo-store.ts', import.meta.url).href;
const open = (url: string, past?: StoreOptions['past']) =>
  openMongoStore(url, { randomBytes, ...(past && { past }) });
let replicaSet: MongoMemoryReplSet;
let databases = 0;

beforeAll(async () => {
  replicaSet = await startReplicaSet();
});
afterAll(() => replicaSet.stop());

async function settle(): Promise<StoreHome> {
  databases += 1;
  const address = replicaSet.getUri(`store-${databases}`);
  await Promise.resolve();
  return {
    open: (past) => open(address, past),
    opener: { module, name: 'openMongoStore', address },
    remove: async () => {
      const client = await MongoClient.connect(address);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

describeStore('mongodb', settle);

describe('chains through many resources', () => {
  it('are refused beyond a bound, and within it only what may be looked at counts', async () => {
    const home = await settle();
    const store = await home.open();
    const client = await MongoClient.connect(home.opener.address);
    const link = { kind: 'reference', param: 'next', target: 'Observation/0' } as const;
    await store.write({
      versions: ['0', '1', '2', '3'].map((id) => aVersion({ id, patients: [id], index: [link] })),
    });
    const resources = client.db().collection<ResourceDocument>('resources');
    const all: Filter = { op: 'and', all: [] };
    const counted = (op: 'chain' | 'referenced', within: Filter, most: number) =>
      client.withSession(async (session) => {
        const source: Source = { collection: resources, name: '_id', shown: { deleted: false } };
        const links = new Links([source], session, most);
        const filter = { op, param: 'next', type: 'Observation', filter: all, within };
        return resources.countDocuments(await links.match(filter, 'Observation', source), {
          session,
        });
      });
    const own: Filter = { op: 'patients', mode: 'in', patients: ['0', '1'] };
    for (const [op, expected] of [
      ['chain', 4],
      ['referenced', 1],
    ] as const) {
      assert.equal(await counted(op, all, 4), expected);
      await assert.rejects(counted(op, all, 3), SearchTooCostly);
      assert.equal(await counted(op, own, 2), expected);
    }
    await client.close();
    await store.close();
    await home.remove();
  });
});

describe('mongodb store shared by two servers', () => {
  const shared = (act: (one: Store, two: Store, home: StoreHome) => Promise<void>) =>
    withHome(settle, async (home) => {
      const [one, two] = await Promise.all([home.open(), home.open()]);
      try {
        await act(one, two, home);
      } finally {
        await Promise.all([one.close(), two.close()]);
      }
    });

  it('lets one of their racing writers win each version, and counts every leaf once', () =>
    shared(async (one, two) => {
      let won = 0;
      for (let version = 1; version <= 10; version += 1) {
        const race = [one, two, one, two].map((store, i) => {
          const leaf = `${version}-${i}`;
          return store.write({
            versions: [aVersion({ id: 'r', version, leaf })],
            leaves: [aLeaf(leaf)],
          });
        });
        const outcomes = await Promise.allSettled(race);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof StoreConflict);
          else won += 1;
        }
        assert.equal(won, version);
      }
      assert.equal(await one.leaves.backlog(), 10);
      const leaves = (await two.leaves.queued(100)).map(({ id }) => id);
      const history = await one.versions.history('Observation', 'r', { count: 20 });
      assert.deepEqual(leaves, history.map(({ leaf }) => leaf).reverse());
    }));

  it('shows each what the other wrote, and takes the page tokens of either', () =>
    shared(async (one, two) => {
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).write(aWrite({ id: `w${i}` }))),
      );
      const query = {
        type: 'Observation',
        filter: { op: 'and', all: [] },
        sort: [],
        count: 30,
        total: 'accurate',
      } as const;
      const { links, total } = await one.versions.search(query);
      const rest = await two.versions.search({ ...query, page: links.next ?? '' });
      assert.deepEqual([total, rest.total, rest.matches.length], [40, 40, 10]);
      assert.equal(await two.leaves.backlog(), 40);
    }));

  it('has one batch of leaves under way between them', () =>
    shared(async (one, two) => {
      await one.write({ leaves: [aLeaf('a'), aLeaf('b')] });
      const batch = (txId: string) => ({
        txId,
        signed: Buffer.from(txId),
        firstIndex: 0,
        leaves: ['a', 'b'],
      });
      const outcomes = await Promise.allSettled([
        one.leaves.openBatch(batch('t1')),
        two.leaves.openBatch(batch('t2')),
      ]);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      const txId = (await one.leaves.batch())?.txId ?? '';
      await two.leaves.closeBatch(txId, { size: 2 });
      assert.equal(await one.leaves.anchoredSize(), 2);
    }));

  it('makes one chain of the accesses that both record of the same patients', () =>
    shared(async (one, two) => {
      const subjects = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
      const some = (name: string) =>
        subjects.map((subject, i) => anAccess(`${name}-${i}`, subject)).slice(0, 2);
      await Promise.all(
        [one, two].map(async (store, server) => {
          for (let i = 0; i < 40; i += 1) {
            await Promise.all([
              store.write({ accesses: some(`${server}-${i}`) }),
              store.write({ accesses: [anAccess(`${server}-${i}-c`, subjects[2] ?? '')] }),
            ]);
          }
        }),
      );
      for (const subject of subjects) {
        const chain = await two.leaves.accesses(subject);
        assert.equal(chain.length, 80);
        chain.forEach(({ bytes }, i) => {
          const before = chain[i - 1];
          const after = before === undefined ? '' : ` after ${before.id} ${i - 1}`;
          assert.equal(Buffer.from(bytes).toString(), `${i}${after}`);
        });
      }
    }));

  it('tells each what is news of the other’s records, and nothing twice', () =>
    shared(async (one, two) => {
      const put = (store: Store, key: string) =>
        store.write({ records: [{ collection: 'news', key, value: Buffer.of(1) }] });
      let revision: number | undefined;
      for (let i = 0; i < 30; i += 1) {
        await Promise.all([put(one, `one-${i}`), put(one, `too-${i}`), put(two, `two-${i}`)]);
        const news = await two.records.newsOf('news', revision);
        assert.deepEqual([...news.records.keys()].sort(), [`one-${i}`, `too-${i}`, `two-${i}`]);
        revision = news.revision;
      }
      const nothing = await one.records.newsOf('news', revision);
      assert.deepEqual([nothing.records.size, nothing.revision], [0, revision]);
    }));

  it('is not held up by a transaction that a killed server left open', () =>
    shared(async (one, _two, home) => {
      const killed = await MongoClient.connect(home.opener.address, { appName: 'chartseal' });
      try {
        const session = killed.startSession();
        session.startTransaction();
        const meta = killed.db().collection<{ _id: string }>('meta');
        await meta.updateOne({ _id: 'store' }, { $inc: { leaves: 1 } }, { session });
        await one.write(aWrite({ id: 'a' }));
        assert.equal(await one.leaves.backlog(), 1);
        await assert.rejects(session.commitTransaction());
        await session.endSession();
      } finally {
        await killed.close();
      }
    }));
});

describe('ends of long chains', () => {
  it('are found without reading the chains', () =>
    withHome(settle, async (home) => {
      const store = await home.open();
      const subjects = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
      for (const subject of subjects) {
        const ids = Array.from({ length: 700 }, (_, i) => `${subject}-${i}`);
        await store.write({ accesses: ids.map((id) => anAccess(id, subject)) });
      }
      const client = await MongoClient.connect(home.opener.address);
      await client.db().setProfilingLevel('all');
      const heads = await readHeads(collectionsOf(client.db()), [...subjects, 'd'.repeat(32)]);
      await client.db().setProfilingLevel('off');
      assert.deepEqual(
        [...heads.values()].map(({ seq }) => seq),
        [699, 699, 699],
      );
      const profiled = client.db().collection('system.profile');
      const reads = await profiled.find({ 'command.aggregate': 'meta' }).toArray();
      assert.ok(reads.length > 0);
      for (const { keysExamined, docsExamined } of reads) {
        assert.ok(keysExamined < 20 && docsExamined < 20, JSON.stringify(reads));
      }
      await client.close();
      await store.close();
    }));
});

describe('a database of schema 1', () => {
  it('is brought up to date when it is opened, by several servers at once', () =>
    withHome(settle, async (home) => {
      const before = await home.open();
      const at = (id: string, version: number, lastUpdated: number, more = {}) =>
        before.write({ versions: [aVersion({ id, version, lastUpdated, ...more })] });
      await at('a', 1, 100, { patients: ['p'] });
      await at('b', 1, 200);
      await at('a', 2, 300);
      await at('b', 2, 400, { deleted: true });
      await before.close();
      const client = await MongoClient.connect(home.opener.address);
      const names = ['resources', 'versions'];
      for (const name of names) {
        const gone = { seq: 1, until: 1, ended: 1 };
        await client.db().collection(name).updateMany({}, { $unset: gone });
      }
      await client
        .db()
        .collection('versions')
        .updateMany({}, { $unset: { e: 1, r: 1 } });
      const meta = client.db().collection<{ _id: string }>('meta');
      await meta.updateOne(
        { _id: 'store' },
        { $set: { schema: 1 }, $unset: { seq: 1, horizon: 1 } },
      );
      const [one, two] = await Promise.all([home.open(), home.open()]);
      const changed = async (query: object) =>
        (await two.versions.changes({ count: 9, ...query })).versions.map(
          ({ id, version }) => `${id}/${version}`,
        );
      assert.deepEqual(await changed({}), ['b/2', 'a/2', 'b/1', 'a/1']);
      assert.deepEqual(await changed({ at: { from: 250, to: 260 } }), ['b/1', 'a/1']);
      await one.write({ versions: [aVersion({ id: 'c' })] });
      await two.write({ versions: [aVersion({ id: 'b', version: 3 })] });
      assert.deepEqual(await changed({ count: 2 }), ['b/3', 'c/1']);
      const all: Filter = { op: 'and', all: [] };
      const query = {
        type: 'Observation',
        filter: all,
        sort: [],
        count: 1,
        total: 'accurate',
      } as const;
      const page = await one.versions.search(query);
      assert.equal(page.total, 3);
      await two.write({ versions: [aVersion({ id: 'b', version: 4 })] });
      const { matches } = await one.versions.search({ ...query, page: page.links.next ?? '' });
      assert.deepEqual(
        matches.map(({ id, version }) => [id, version]),
        [['b', 3]],
      );
      await Promise.all([one.close(), two.close(), client.close()]);
    }));
});

describe('a database of schema 2', () => {
  it('is brought up to date: what concerns a patient is found', () =>
    withHome(settle, async (home) => {
      const before = await home.open();
      const entry = { kind: 'reference', param: 'subject', target: 'Patient/q' } as const;
      await before.write({ versions: [aVersion({ id: 'a', patients: ['p'], index: [entry] })] });
      await before.write({ versions: [aVersion({ id: 'b', patients: [] })] });
      const search = (store: Store, filter: Filter) =>
        store.versions.search({
          type: 'Observation',
          filter,
          sort: [],
          count: 9,
          total: 'accurate',
        });
      const found = async (store: Store) => {
        const asked: readonly Filter[] = [
          { op: 'patients', mode: 'in', patients: ['p'] },
          { op: 'patients', mode: 'in', patients: [] },
          { op: 'reference', param: 'subject', target: 'Patient/q' },
          { op: 'reference', param: 'subject', target: 'Patient/p' },
        ];
        const pages = await Promise.all(asked.map((filter) => search(store, filter)));
        return pages.map(({ matches, total }) => [...matches.map(({ id }) => id), total]);
      };
      const expected = [['a', 'b', 2], ['b', 1], ['a', 1], [0]];
      assert.deepEqual(await found(before), expected);
      await before.close();
      const client = await MongoClient.connect(home.opener.address);
      const resources = client.db().collection<{ _id: string; e: object[] }>('resources');
      for (const [_id, v] of [
        ['Observation/a', 'p'],
        ['Observation/b', ''],
      ] as const) {
        const $push = { e: { p: 'Observation?patient:', v } };
        await resources.updateOne({ _id }, { $unset: { o: 1 }, $push });
      }
      const meta = client.db().collection<{ _id: string }>('meta');
      await meta.updateOne({ _id: 'store' }, { $set: { schema: 2 } });
      const [one, two] = await Promise.all([home.open(), home.open()]);
      assert.deepEqual(await found(one), expected);
      assert.deepEqual(await found(two), expected);
      const left = await resources.find({ 'e.p': 'Observation?patient:' }).toArray();
      assert.deepEqual(left, []);
      await Promise.all([one.close(), two.close(), client.close()]);
    }));
});

describe('a database of schema 4', () => {
  it('is brought up to date by several servers at once: forked chains go on from their highest place', () =>
    withHome(settle, async (home) => {
      const [forked, whole] = ['a'.repeat(32), 'b'.repeat(32)];
      const before = await home.open();
      await before.close();
      const client = await MongoClient.connect(home.opener.address);
      const leaves = client.db().collection<{ _id: string; access: string; seq: number }>('leaves');
      await leaves.dropIndex('access_1_chain_1_fork_1');
      const partialFilterExpression = { access: { $exists: true } };
      await leaves.createIndexes([{ key: { access: 1, seq: 1 }, partialFilterExpression }]);
      const places = [0, 1, 1, 2, 3, 2];
      const add = (access: string, seq: number, place: number) => {
        const { id, kind, salt, hash } = aLeaf(`${access[0]}${seq}`);
        const bytes = Buffer.from(JSON.stringify({ seq: place }));
        const document = { seq, kind, salt, hash, bytes, subject: access, access, queued: true };
        return leaves.insertOne({ _id: id, ...document });
      };
      for (const [i, place] of places.entries()) await add(forked, i + 1, place);
      for (const i of [0, 1]) await add(whole, places.length + 1 + i, i);
      const meta = client.db().collection<{ _id: string }>('meta');
      await meta.updateOne({ _id: 'store' }, { $set: { schema: 4, leaves: 8 } });
      const [one, two, three] = await Promise.all([home.open(), home.open(), home.open()]);
      const chain = async (subject: string) =>
        (await two.leaves.accesses(subject)).map(({ id }) => id);
      assert.deepEqual(await chain(forked), ['a1', 'a2', 'a3', 'a4', 'a6', 'a5']);
      assert.deepEqual(await chain(whole), ['b7', 'b8']);
      await one.write({ accesses: [anAccess('next', forked), anAccess('more', whole)] });
      await three.write({ accesses: [anAccess('last', forked)] });
      const said = (await two.leaves.accesses(forked))
        .slice(-2)
        .map(({ bytes }) => Buffer.from(bytes).toString());
      assert.equal(said[0]?.slice(0, 8), '4 after ');
      assert.equal(said[1], '5 after next 4');
      assert.deepEqual(await chain(whole), ['b7', 'b8', 'more']);
      assert.ok(!(await leaves.indexExists('access_1_seq_1')));
      await Promise.all([one.close(), two.close(), three.close(), client.close()]);
    }));
});

describe('a database of schema 3', () => {
  it('is brought up to date: its log has milestones', () =>
    withHome(settle, async (home) => {
      const before = await home.open();
      const write = (store: Store, from: number, count: number) =>
        store.write({
          versions: Array.from({ length: count }, (_, i) =>
            aVersion({ id: `${from + i}`, lastUpdated: 1_000 + ((from + i) ^ 5) }),
          ),
        });
      for (const from of [0, 100, 200, 300]) await write(before, from, 100);
      await before.close();
      const client = await MongoClient.connect(home.opener.address);
      const milestones = client
        .db()
        .collection<{ _id: number; reach: number; floor: number }>('landmarks');
      const kept = () => milestones.find().sort({ _id: 1 }).toArray();
      const made = await kept();
      assert.deepEqual(
        made.map(({ _id }) => _id),
        [128, 256, 384],
      );
      const meta = client.db().collection<{ _id: string; log: object }>('meta');
      const end = async () => (await meta.findOne({ _id: 'store' }))?.log;
      const noted = { landmark: 384, floor: 1_384, reach: 1_399 };
      assert.deepEqual(await end(), noted, 'in the words of earlier versions');
      await milestones.deleteMany({});
      await meta.updateOne({ _id: 'store' }, { $set: { schema: 3 }, $unset: { log: 1 } });
      const [one, two] = await Promise.all([home.open(), home.open()]);
      assert.deepEqual(await kept(), made);
      assert.deepEqual(await end(), noted);
      await write(one, 400, 200);
      assert.equal((await kept()).length, 4);
      const { versions } = await two.versions.changes({ since: 1_590, count: 99 });
      assert.equal(versions.length, 10);
      await Promise.all([one.close(), two.close(), client.close()]);
    }));
});

describe('mongodb store', () => {
  it('lets a set that MongoDB cannot hold fail alone', () =>
    withHome(settle, async (home) => {
      const store = await home.open();
      const body = Buffer.alloc(17_000_000);
      const sets = ['a', 'b', 'c'].map((id) => aWrite({ id, ...(id === 'b' && { body }) }));
      const outcomes = await Promise.allSettled(sets.map((set) => store.write(set)));
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.equal(await store.leaves.backlog(), 2);
      assert.equal(await store.versions.current('Observation', 'b'), undefined);
      await store.close();
    }));

  it('refuses a standalone server with a message that says what is needed', async () => {
    const standalone = await startStandalone();
    try {
      await assert.rejects(open(standalone.getUri('s')), (error) => {
        assert.ok(error instanceof StoreUnavailable);
        assert.match(error.message, /replica set is required/);
        return true;
      });
    } finally {
      await standalone.stop();
    }
  });

  it('names the address and the cause, and no credentials, when no server answers', async () => {
    const { host, port } = await freeAddress();
    await assert.rejects(open(`mongodb://user:secret@${host}:${port}/s?replicaSet=r`), (error) => {
      assert.ok(error instanceof StoreUnavailable);
      assert.ok(
        error.message.startsWith(`MongoDB at mongodb://${host}:${port}/s cannot be used: `),
      );
      assert.doesNotMatch(error.message, /user|secret/);
      return true;
    });
  });

  it('is unavailable while its server is gone, and has everything acknowledged when it is back', async () => {
    const own = await startReplicaSet();
    const store = await open(own.getUri('s'));
    const acknowledged: string[] = [];
    const failures: unknown[] = [];
    let killedAt = Infinity;
    const writer = async (name: number) => {
      for (let i = 0; failures.length === 0; i += 1) {
        const id = `${name}-${i}`;
        await store.write(aWrite({ id })).then(
          () => acknowledged.push(id),
          (error: unknown) => failures.push(error),
        );
        if (acknowledged.length === 200) {
          own.servers[0]?.instanceInfo?.instance.mongodProcess?.kill('SIGKILL');
          killedAt = performance.now();
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, i) => writer(i)));
    assert.ok(performance.now() - killedAt < 15_000, 'writers hung');
    for (const failure of failures) assert.ok(failure instanceof StoreUnavailable);
    await assert.rejects(store.ready(), StoreUnavailable);
    await assert.rejects(store.versions.current('Observation', '0-0'), StoreUnavailable);

    await own.stop({ doCleanup: false });
    await startAgain(own);
    await eventually(() => store.ready());
    const queued = new Set((await store.leaves.queued(100_000)).map(({ id }) => id));
    for (const id of acknowledged) {
      assert.ok(await store.versions.current('Observation', id), id);
      assert.ok(queued.has(`Observation/${id}/1`), id);
    }
    assert.equal(await store.leaves.backlog(), queued.size);
    await store.close();
    await own.stop();
  });
});

async function eventually(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}
