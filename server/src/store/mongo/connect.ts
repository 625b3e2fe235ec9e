import { MongoClient, type Db } from 'mongodb';
import { EMPTY_LOG } from '../milestones.ts';
import { StoreUnavailable } from '../errors.ts';
import { PAGE_KEY_BYTES } from '../page-token.ts';
import type { StoreOptions } from '../store-options.ts';
import { APP_NAME } from './abandoned.ts';
import { collectionsOf, ensureIndexes } from './collections.ts';
import type { Collections } from './collections.ts';
import { migrateLog, storedEnd } from './log-marks.ts';
import { migrate } from './migrate.ts';
import { migrateChains } from './migrate-chains.ts';
import { migratePatients } from './migrate-patients.ts';
import { assertReachable } from './reachable.ts';
import { isDuplicate } from './transaction.ts';

const SCHEMA_VERSION = 5;
/** Says how long a request may wait for a server to be found, and for an answer. */
const SELECTION_MS = 5_000;
const ANSWER_MS = 12_000;
const DEFAULT_DATABASE = 'chartseal';

export interface Connection {
  readonly client: MongoClient;
  readonly collections: Collections;
  /** The same for snapshot sessions, which the read concern of the client would otherwise overrule. */
  readonly snapshots: Collections;
  readonly pageKey: Uint8Array;
}

/** @throws StoreUnavailable when there is no replica set, which it names, or its data is not ours */
export async function connect(url: string, options: StoreOptions): Promise<Connection> {
  const { client, db } = await openDatabase(url);
  try {
    const collections = collectionsOf(db);
    const snapshots = collectionsOf(db, { readConcern: { level: 'snapshot' } });
    await ensureIndexes(collections);
    const pageKey = await ensureMeta(collections, options);
    return { client, collections, snapshots, pageKey };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/**
 * Opens the database that the URL names, as whatever is kept there needs it: majority and journal.
 *
 * @throws StoreUnavailable when there is no replica set, which it names
 */
export async function openDatabase(
  url: string,
): Promise<{ readonly client: MongoClient; readonly db: Db }> {
  await assertReachable(url);
  const client = new MongoClient(url, {
    appName: APP_NAME,
    serverSelectionTimeoutMS: SELECTION_MS,
    connectTimeoutMS: SELECTION_MS,
    socketTimeoutMS: ANSWER_MS,
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
    retryWrites: true,
    promoteBuffers: true,
    ignoreUndefined: false,
  });
  try {
    await client.connect();
    return { client, db: client.db(databaseOf(url)) };
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function ensureMeta(collections: Collections, options: StoreOptions): Promise<Uint8Array> {
  const { meta } = collections;
  const fresh = {
    schema: SCHEMA_VERSION,
    pageKey: options.randomBytes(PAGE_KEY_BYTES),
    leaves: 0,
    anchored: 0,
    seq: 0,
    horizon: 0,
    probe: 0,
    log: storedEnd(EMPTY_LOG),
  };
  await meta
    .updateOne({ _id: 'store' }, { $setOnInsert: fresh }, { upsert: true })
    .catch((error: unknown) => {
      // Another server made it at the same time.
      if (!isDuplicate(error)) throw error;
    });
  let found = await meta.findOne({ _id: 'store' });
  for (const [schema, bringUpToDate] of [
    [1, migrate],
    [2, migratePatients],
    [3, migrateLog],
    [4, migrateChains],
  ] as const) {
    if (found?.schema !== schema) continue;
    await bringUpToDate(collections);
    found = await meta.findOne({ _id: 'store' });
  }
  if (found?.schema !== SCHEMA_VERSION) {
    throw new StoreUnavailable('The database was not written by this version of the server');
  }
  return found.pageKey;
}

/** The database the URL names, ours otherwise. */
function databaseOf(url: string): string {
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return named === undefined ? DEFAULT_DATABASE : decodeURIComponent(named);
}
