import type { ClientSession } from 'mongodb';
import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import { GroupCommit } from '../group-commit.ts';
import type { PendingSet } from '../group-commit.ts';
import { StoreUnavailable } from '../errors.ts';
import type { LeafBatch, LeafQueue as LeafQueuePort, StoredLeaf } from '../leaf-queue.ts';
import type { RecordStore } from '../record-store.ts';
import type { Store, WriteSet } from '../store.ts';
import type {
  ChangePage,
  ChangeQuery,
  ScanPage,
  SearchPage,
  StoredVersion,
  VersionStore,
  VersionWrite,
} from '../version-store.ts';
import type { StoreOptions } from '../store-options.ts';
import { changes } from './changes.ts';
import { codes } from './codes.ts';
import { connect } from './connect.ts';
import type { Connection } from './connect.ts';
import { resourceKey, storedVersion, WITHOUT_INDEX } from './documents.ts';
import { explain } from './explain.ts';
import { isRefusal, storeError } from './guard.ts';
import { LeafQueue } from './leaf-queue.ts';
import { Past } from './past.ts';
import { reindexOperation } from './reindex.ts';
import { search } from './search.ts';
import { inSnapshot } from './snapshot.ts';
import { writeGroup } from './write-group.ts';

/** Fewer candidates are sorted sooner than they are met along an index. */
const MOST_SORTED_AT_ONCE = 1_000;

/**
 * Opens the store in a MongoDB replica set or sharded cluster; several servers may share it. The URL may name the database.
 * @param mostSorted candidates up to which all are sorted for a page, instead of looking for it along an index
 * @throws StoreUnavailable when it cannot be reached, is a standalone server, or holds other data
 */
export async function openMongoStore(
  url: string,
  options: StoreOptions,
  mostSorted: number = MOST_SORTED_AT_ONCE,
): Promise<Store> {
  try {
    return new MongoStore(await connect(url, options), options, mostSorted);
  } catch (error) {
    throw storeError(error);
  }
}

class MongoStore implements Store, VersionStore, LeafQueuePort {
  readonly versions: VersionStore = this;
  readonly leaves: LeafQueuePort = this;
  readonly records: RecordStore = {
    record: (collection, key) => this.#record(collection, key),
    records: (collection) => this.#records(collection),
  };
  readonly #connection: Connection;
  readonly #leaves: LeafQueue;
  readonly #past: Past;
  readonly #mostSorted: number;
  readonly #group = new GroupCommit((group) => this.#commit(group));
  #inUse = 0;
  #released: (() => void) | undefined;
  #closed = false;

  constructor(connection: Connection, { past }: StoreOptions, mostSorted: number) {
    this.#connection = connection;
    this.#mostSorted = mostSorted;
    this.#past = new Past(connection.collections, past);
    this.#leaves = new LeafQueue(connection.client, connection.collections);
  }

  async write(set: WriteSet): Promise<void> {
    if (this.#closed) throw closedStore();
    await this.#group.submit(set);
  }

  async #commit(group: readonly PendingSet[]): Promise<void> {
    const { client, collections } = this.#connection;
    try {
      for (const { pending, conflict } of await writeGroup(client, collections, group)) {
        if (conflict) pending.reject(conflict);
        else pending.resolve();
      }
    } catch (error) {
      const [first] = group;
      if (group.length === 1 || !isRefusal(error)) {
        for (const pending of group) pending.reject(storeError(error));
      } else if (first) {
        // One of them cannot be stored as it is (it is too large, say): alone it fails alone.
        for (const pending of group) await this.#commit([pending]);
      }
    }
  }

  async #use<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedStore();
    this.#inUse += 1;
    try {
      return await act(this.#connection);
    } catch (error) {
      throw storeError(error);
    } finally {
      this.#inUse -= 1;
      if (this.#inUse === 0) this.#released?.();
    }
  }

  /** Everything read in the session is of one moment. */
  #snapshot<T>(act: (connection: Connection, session: ClientSession) => Promise<T>): Promise<T> {
    return this.#use((connection) => {
      const { client, collections: own, snapshots: collections } = connection;
      return inSnapshot(client, own, (session) => act({ ...connection, collections }, session));
    });
  }

  current(type: string, id: string): Promise<StoredVersion | undefined> {
    return this.#use(async ({ collections }) => {
      const found = await collections.resources.findOne(
        { _id: { $eq: resourceKey(type, id) } },
        { projection: WITHOUT_INDEX },
      );
      return found ? storedVersion(found) : undefined;
    });
  }

  version(type: string, id: string, version: number): Promise<StoredVersion | undefined> {
    return this.#use(async ({ collections: { resources, versions } }) => {
      // In this order a version that is superseded meanwhile is found in the second place.
      const found =
        (await resources.findOne(
          { _id: { $eq: resourceKey(type, id) }, version: { $eq: version } },
          { projection: WITHOUT_INDEX },
        )) ??
        (await versions.findOne(
          { _id: { $eq: `${resourceKey(type, id)}/${version}` } },
          { projection: WITHOUT_INDEX },
        ));
      return found ? storedVersion(found) : undefined;
    });
  }

  async history(
    type: string,
    id: string,
    page: { count: number; before?: number },
  ): Promise<readonly StoredVersion[]> {
    const current = await this.current(type, id);
    if (!current || page.count === 0) return [];
    const before = page.before ?? current.version + 1;
    const newest = current.version < before ? [current] : [];
    if (newest.length === page.count) return newest;
    return this.#use(async ({ collections }) => {
      const older = await collections.versions
        .find(
          {
            resource: { $eq: resourceKey(type, id) },
            version: { $lt: Math.min(before, current.version) },
          },
          { projection: WITHOUT_INDEX },
        )
        .sort({ version: -1 })
        .limit(page.count - newest.length)
        .toArray();
      return [...newest, ...older.map(storedVersion)];
    });
  }

  async historyCount(type: string, id: string): Promise<number> {
    return (await this.current(type, id))?.version ?? 0;
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return this.#snapshot((connection, session) =>
      search(connection, session, query, this.#mostSorted),
    );
  }

  explain(query: SearchQuery): Promise<readonly Explanation[]> {
    return this.#snapshot((connection, session) =>
      explain(connection, session, query, this.#mostSorted),
    );
  }

  changes(query: ChangeQuery): Promise<ChangePage> {
    return this.#snapshot((connection, session) => changes(connection, session, query));
  }

  scan(type: string, page: ScanPage): Promise<readonly StoredVersion[]> {
    return this.#use(async ({ collections }) => {
      const found = await collections.resources
        .find(
          {
            type: { $eq: type },
            deleted: false,
            _id: { $gt: resourceKey(type, page.after ?? '') },
          },
          { projection: WITHOUT_INDEX },
        )
        .sort({ _id: 1 })
        .limit(page.count)
        .toArray();
      return found.map(storedVersion);
    });
  }

  reindex(versions: readonly VersionWrite[]): Promise<void> {
    return this.#use(async ({ collections }) => {
      if (versions.length === 0) return;
      await collections.resources.bulkWrite(versions.map(reindexOperation));
    });
  }

  codes(type: string, param: string, known: ReadonlySet<string>): Promise<readonly string[]> {
    return this.#use(({ collections }) => codes(collections, { type, param, known }));
  }

  types(): Promise<ReadonlySet<string>> {
    return this.#use(
      async ({ collections }) => new Set(await collections.resources.distinct('type')),
    );
  }

  #record(collection: string, key: string): Promise<Uint8Array | undefined> {
    return this.#use(async ({ collections }) => {
      const name = { collection: { $eq: collection }, key: { $eq: key } };
      return (await collections.records.findOne(name))?.value;
    });
  }

  #records(collection: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#use(async ({ collections }) => {
      const found = collections.records.find({ collection: { $eq: collection } }).sort({ key: 1 });
      return new Map((await found.toArray()).map(({ key, value }) => [key, value]));
    });
  }

  leaf(id: string): Promise<StoredLeaf | undefined> {
    return this.#use(() => this.#leaves.leaf(id));
  }

  accesses(subject: string): Promise<readonly StoredLeaf[]> {
    return this.#use(() => this.#leaves.accesses(subject));
  }

  lastAccess(subject: string): Promise<StoredLeaf | undefined> {
    return this.#use(() => this.#leaves.lastAccess(subject));
  }

  queued(limit: number): Promise<readonly { readonly id: string; readonly hash: Uint8Array }[]> {
    return this.#use(() => this.#leaves.queued(limit));
  }

  backlog(): Promise<number> {
    return this.#use(() => this.#leaves.backlog());
  }

  batch(): Promise<LeafBatch | undefined> {
    return this.#use(() => this.#leaves.batch());
  }

  openBatch(batch: LeafBatch): Promise<void> {
    return this.#use(() => this.#leaves.open(batch));
  }

  closeBatch(txId: string, anchored: { readonly size: number } | undefined): Promise<void> {
    return this.#use(() => this.#leaves.close(txId, anchored));
  }

  leafHashes(from: number, to: number): Promise<Uint8Array> {
    return this.#use(() => this.#leaves.hashes(from, to));
  }

  anchoredSize(): Promise<number> {
    return this.#use(() => this.#leaves.anchoredSize());
  }

  ready(): Promise<void> {
    return this.#use(async ({ collections }) => {
      await collections.meta.updateOne({ _id: 'probe' }, { $inc: { probe: 1 } }, { upsert: true });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([this.#past.close(), this.#group.idle()]);
    if (this.#inUse > 0) await new Promise<void>((resolve) => (this.#released = resolve));
    await this.#connection.client.close();
  }
}

function closedStore(): StoreUnavailable {
  return new StoreUnavailable('The store is closed');
}
