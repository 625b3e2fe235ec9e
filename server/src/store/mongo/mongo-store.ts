import { GroupCommit } from '../group-commit.ts';
import type { PendingSet } from '../group-commit.ts';
import type { Store, WriteSet } from '../store.ts';
import type { StoreOptions } from '../store-options.ts';
import { ChainHeads } from './chain-heads.ts';
import { connect } from './connect.ts';
import type { Connection } from './connect.ts';
import { ConnectionUse } from './connection-use.ts';
import { isRefusal, storeError } from './guard.ts';
import { MongoLeafQueue } from './leaf-queue.ts';
import { Past } from './past.ts';
import { MongoRecords } from './records.ts';
import { MongoVersions } from './versions.ts';
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

class MongoStore implements Store {
  readonly shared = true;
  readonly versions: MongoVersions;
  readonly records: MongoRecords;
  readonly leaves: MongoLeafQueue;
  readonly #connection: Connection;
  readonly #use: ConnectionUse;
  readonly #past: Past;
  readonly #heads = new ChainHeads();
  readonly #group = new GroupCommit((group) => this.#commit(group));

  constructor(connection: Connection, { past }: StoreOptions, mostSorted: number) {
    this.#connection = connection;
    this.#use = new ConnectionUse(connection);
    this.#past = new Past(connection.collections, past);
    this.versions = new MongoVersions(this.#use, mostSorted);
    this.records = new MongoRecords(this.#use);
    this.leaves = new MongoLeafQueue(this.#use);
  }

  async write(set: WriteSet): Promise<void> {
    this.#use.assertOpen();
    await this.#group.submit(set);
  }

  async #commit(group: readonly PendingSet[]): Promise<void> {
    try {
      for (const { pending, conflict } of await writeGroup(this.#connection, this.#heads, group)) {
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

  ready(): Promise<void> {
    return this.#use.run(async ({ collections }) => {
      await collections.meta.updateOne({ _id: 'probe' }, { $inc: { probe: 1 } }, { upsert: true });
    });
  }

  async close(): Promise<void> {
    if (!this.#use.end()) return;
    await Promise.all([this.#past.close(), this.#group.idle()]);
    await this.#use.idle();
    await this.#connection.client.close();
  }
}
