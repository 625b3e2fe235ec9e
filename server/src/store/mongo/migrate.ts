import type { AnyBulkWriteOperation } from 'mongodb';
import type { Collections } from './collections.ts';
import type { ResourceDocument, VersionDocument } from './documents.ts';

const PER_BATCH = 1_000;

interface Numbered {
  readonly _id: string;
  readonly resource?: string;
  readonly lastUpdated: number;
}

/**
 * Brings a database of schema 1 up to date: versions had no place in an order of commits, and it was not noted when they
 * were replaced. Two servers that do this at once write the same.
 */
export async function migrate({ resources, versions, meta }: Collections): Promise<void> {
  const all = resources.aggregate<Numbered>(
    [
      { $project: { lastUpdated: 1, version: 1 } },
      {
        $unionWith: {
          coll: versions.collectionName,
          pipeline: [{ $project: { lastUpdated: 1, version: 1, resource: 1 } }],
        },
      },
      { $sort: { lastUpdated: 1, version: 1, _id: 1 } },
    ],
    { allowDiskUse: true },
  );
  let seq = 0;
  const latest = new Map<string, string>();
  let current: AnyBulkWriteOperation<ResourceDocument>[] = [];
  let replaced: AnyBulkWriteOperation<VersionDocument>[] = [];
  const flush = async (): Promise<void> => {
    if (current.length > 0) await resources.bulkWrite(current, { ordered: false });
    if (replaced.length > 0) await versions.bulkWrite(replaced, { ordered: false });
    current = [];
    replaced = [];
  };
  for await (const { _id, resource = _id, lastUpdated } of all) {
    seq += 1;
    const update = { $set: { seq } };
    const filter = { _id: { $eq: _id }, seq: { $exists: false } };
    const before = latest.get(resource);
    if (before !== undefined) {
      const ended = { filter: { _id: { $eq: before } }, update: { $set: { ended: lastUpdated } } };
      replaced.push({ updateOne: ended });
    }
    if (resource === _id) current.push({ updateOne: { filter, update } });
    else {
      latest.set(resource, _id);
      replaced.push({ updateOne: { filter, update } });
    }
    if (current.length + replaced.length >= PER_BATCH) await flush();
  }
  await flush();
  await meta.updateOne({ _id: 'store', schema: 1 }, { $set: { schema: 2, seq, horizon: seq } });
}
