import type { Collection, Document } from 'mongodb';
import type { Collections } from './collections.ts';
import type { ResourceDocument } from './documents.ts';

const PER_BATCH = 1_000;

/**
 * Brings a database of schema 2 up to date: patients stood among the texts of the index, and had no index of their own.
 * Two servers that do this at once write the same.
 */
export async function migratePatients({ resources, versions, meta }: Collections): Promise<void> {
  await gather(resources);
  // Whatever has `e` has all that a resource has.
  await gather(versions as unknown as Collection<ResourceDocument>);
  await meta.updateOne({ _id: 'store', schema: 2 }, { $set: { schema: 3 } });
}

async function gather(collection: Collection<ResourceDocument>): Promise<void> {
  const lacking = { deleted: false, e: { $exists: true }, o: { $exists: false } };
  for (;;) {
    const found = collection.find(lacking, { projection: { _id: 1 } }).limit(PER_BATCH);
    const ids = (await found.toArray()).map(({ _id }) => _id);
    if (ids.length === 0) return;
    await collection.updateMany({ _id: { $in: ids }, ...lacking }, [{ $set: GATHERED }]);
  }
}

const PATIENT = { $eq: ['$$this.p', { $concat: ['$type', '?patient:'] }] };
const REFERENCE = {
  $and: [
    { $eq: [{ $indexOfBytes: ['$$this.p', { $concat: ['$type', '?reference:'] }] }, 0] },
    { $regexMatch: { input: '$$this.v', regex: /^Patient\/[^/]+$/ } },
  ],
};
const entries = (cond: Document): Document => ({ $filter: { input: '$e', cond } });
const GATHERED: Document = {
  e: entries({ $not: [PATIENT] }),
  o: {
    $setUnion: [
      { $map: { input: entries(PATIENT), in: '$$this.v' } },
      {
        $map: {
          input: entries(REFERENCE),
          in: { $substrBytes: ['$$this.v', 'Patient/'.length, -1] },
        },
      },
    ],
  },
};
