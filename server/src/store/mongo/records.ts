import type { RecordNews, RecordStore } from '../record-store.ts';
import type { ConnectionUse } from './connection-use.ts';

export class MongoRecords implements RecordStore {
  readonly #use: ConnectionUse;

  constructor(use: ConnectionUse) {
    this.#use = use;
  }

  record(collection: string, key: string): Promise<Uint8Array | undefined> {
    return this.#use.run(async ({ collections }) => {
      const name = { collection: { $eq: collection }, key: { $eq: key } };
      return (await collections.records.findOne(name))?.value;
    });
  }

  records(collection: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#use.run(async ({ collections }) => {
      const found = collections.records.find({ collection: { $eq: collection } }).sort({ key: 1 });
      return new Map((await found.toArray()).map(({ key, value }) => [key, value]));
    });
  }

  /** Revisions rise in the order of the commits, so that whoever has seen one has seen all before it. */
  newsOf(collection: string, since: number | undefined): Promise<RecordNews> {
    return this.#use.run(async ({ collections }) => {
      const later = since === undefined ? {} : { revision: { $gt: since } };
      const found = await collections.records
        .find({ collection: { $eq: collection }, ...later })
        .toArray();
      return {
        revision: found.reduce((most, { revision = 0 }) => Math.max(most, revision), since ?? 0),
        records: new Map(found.map(({ key, value }) => [key, value])),
      };
    });
  }
}
