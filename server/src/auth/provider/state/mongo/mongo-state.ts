import { MongoError, type Collection, type MongoClient } from 'mongodb';
import { withoutCredentials } from '../../../../store/mongo/address.ts';
import { openDatabase } from '../../../../store/mongo/connect.ts';
import { isDuplicate } from '../../../../store/mongo/transaction.ts';
import {
  StateUnavailable,
  type Entry,
  type Kept,
  type KeySet,
  type Place,
  type ProviderState,
} from '../provider-state.ts';

/** `_id` is model and id. */
interface EntryDocument extends Entry {
  readonly _id: string;
  /** When MongoDB may clean it away: it goes by a clock of its own, and must never forget what still counts. */
  readonly forget?: Date;
}

/** `_id` is `signing`: there is one set. */
interface KeysDocument {
  readonly _id: string;
  /** JSON text. */
  readonly keys: string;
}

const KEPT_LONGER_MS = 3_600_000;
/** The latest moment of a Date (ECMA-262, time values). */
const LAST_DATE_MS = 8_640_000_000_000_000;
const OPTIONAL = ['forget', 'grant', 'uid'] as const;
const SHOWN = { projection: { _id: 0, payload: 1, consumed: 1 } } as const;

/**
 * The state in the MongoDB that keeps the resources, for all servers that share it.
 *
 * @throws StoreUnavailable as the store does
 * @param clock milliseconds since the epoch
 */
export async function openMongoState(url: string, clock: () => number): Promise<ProviderState> {
  const { client, db } = await openDatabase(url);
  const entries = db.collection<EntryDocument>('providerEntries');
  try {
    await entries.createIndexes([
      { key: { forget: 1 }, expireAfterSeconds: 0 },
      { key: { model: 1, grant: 1 }, partialFilterExpression: { grant: { $exists: true } } },
      { key: { model: 1, uid: 1 }, partialFilterExpression: { uid: { $exists: true } } },
    ]);
  } catch (error) {
    await client.close();
    throw unavailable(error);
  }
  const keys = db.collection<KeysDocument>('providerKeys');
  const keysAt = `${withoutCredentials(url)}, collection ${keys.collectionName}`;
  return new MongoState({ client, entries, keys, keysAt }, clock);
}

interface Opened {
  readonly client: MongoClient;
  readonly entries: Collection<EntryDocument>;
  readonly keys: Collection<KeysDocument>;
  readonly keysAt: string;
}

class MongoState implements ProviderState {
  readonly keysAt: string;
  readonly #opened: Opened;
  readonly #clock: () => number;

  constructor(opened: Opened, clock: () => number) {
    this.keysAt = opened.keysAt;
    this.#opened = opened;
    this.#clock = clock;
  }

  keep(entry: Entry): Promise<void> {
    const { _id, consumed, ...fields } = documentOf(entry);
    const change = {
      $set: fields,
      $unset: goneFrom(fields),
      $setOnInsert: consumed === undefined ? {} : { consumed },
    };
    return this.#answer(async ({ entries }) => {
      const write = () => entries.updateOne({ _id }, change, { upsert: true });
      await onceMore(write);
    });
  }

  keepOnce(entry: Entry): Promise<boolean> {
    const document = documentOf(entry);
    return this.#answer(async ({ entries }) => {
      try {
        await entries.insertOne(document);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      const { _id, ...fields } = document;
      const ended = { _id, expires: { $lte: this.#now() } };
      return (await entries.replaceOne(ended, fields)).matchedCount === 1;
    });
  }

  find(place: Place): Promise<Kept | undefined> {
    return this.#one({ _id: idOf(place) });
  }

  findByUid(model: string, uid: string): Promise<Kept | undefined> {
    return this.#one({ model, uid });
  }

  consume(place: Place): Promise<boolean> {
    const now = this.#now();
    const unused = { _id: idOf(place), consumed: { $exists: false }, expires: { $gt: now } };
    return this.#answer(async ({ entries }) => {
      const { modifiedCount } = await entries.updateOne(unused, { $set: { consumed: now } });
      return modifiedCount === 1;
    });
  }

  remove(place: Place): Promise<void> {
    return this.#answer(async ({ entries }) => {
      await entries.deleteOne({ _id: idOf(place) });
    });
  }

  removeOfGrant(model: string, grant: string): Promise<void> {
    return this.#answer(async ({ entries }) => {
      await entries.deleteMany({ model, grant });
    });
  }

  signingKeys(make: () => Promise<KeySet>): Promise<KeySet> {
    const _id = 'signing';
    return this.#answer(async ({ keys }) => {
      const known = await keys.findOne({ _id });
      if (known !== null) return JSON.parse(known.keys) as KeySet;
      const made = { keys: JSON.stringify(await make()) };
      const settle = () =>
        keys.findOneAndUpdate(
          { _id },
          { $setOnInsert: made },
          { upsert: true, returnDocument: 'after' },
        );
      // One of the servers that start together wins, and the others take its keys.
      const winner = await onceMore(settle);
      return JSON.parse((winner ?? made).keys) as KeySet;
    });
  }

  close(): Promise<void> {
    return this.#opened.client.close();
  }

  #now(): number {
    return Math.floor(this.#clock() / 1000);
  }

  async #one(named: { readonly _id: string } | { readonly model: string; readonly uid: string }) {
    const living = { ...named, expires: { $gt: this.#now() } };
    return this.#answer(
      async ({ entries }) => (await entries.findOne<Kept>(living, SHOWN)) ?? undefined,
    );
  }

  async #answer<T>(act: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      return await act(this.#opened);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function documentOf(entry: Entry): EntryDocument {
  const forget = entry.expires * 1000 + KEPT_LONGER_MS;
  // MongoDB would take what is no date for 1970, and clean the entry away.
  const isDate = forget <= LAST_DATE_MS;
  return { _id: idOf(entry), ...entry, ...(isDate ? { forget: new Date(forget) } : {}) };
}

/** Names what the entry had beside it before, perhaps, and has no more. */
function goneFrom(fields: object): Partial<Record<(typeof OPTIONAL)[number], true>> {
  const gone = OPTIONAL.filter((name) => !(name in fields));
  return Object.fromEntries(gone.map((name) => [name, true as const]));
}

function idOf({ model, id }: Place): string {
  return `${model}/${id}`;
}

/** Repeats a write that was refused as the second of two that made the same at once: then it is there. */
async function onceMore<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return write();
  }
}

function unavailable(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  return new StateUnavailable('The state of the authorization server cannot be used', {
    cause: error,
  });
}
