import type { Collection, Document } from 'mongodb';
import type { Assignment } from '../version-store.ts';
import type { Collections } from './collections.ts';
import { NO_PATIENT, resourceKey } from './documents.ts';
import type { VersionFields } from './documents.ts';

const PER_BATCH = 1_000;

/** Replaces whom versions concern. One that is replaced meanwhile moves from the one collection to the other, in this order. */
export async function assign(
  { resources, versions }: Collections,
  { type, id, version, before, patients }: Assignment,
): Promise<void> {
  const _id = resourceKey(type, id);
  const expected = { patients: { $eq: [...before] } };
  const update = [{ $set: concerning(patients) }];
  const { matchedCount } = await resources.updateOne(
    { _id: { $eq: _id }, version: { $eq: version }, ...expected },
    update,
  );
  if (matchedCount > 0) return;
  await versions.updateOne({ _id: { $eq: `${_id}/${version}` }, ...expected }, update);
}

/** In portions, each of which is seen as soon as it is written. */
export async function assignUnowned(
  { resources, versions }: Collections,
  types: readonly string[],
  patient: string,
): Promise<number> {
  const unowned = { type: { $in: [...types] }, patients: { $eq: [] } };
  let assigned = 0;
  // In this order: what is replaced meanwhile is met in the second.
  for (const each of [resources, versions]) {
    const collection = each as unknown as Collection<VersionFields & { readonly _id: string }>;
    for (;;) {
      const found = collection.find(unowned, { projection: { _id: 1 } }).limit(PER_BATCH);
      const ids = (await found.toArray()).map(({ _id }) => _id);
      if (ids.length === 0) break;
      const filter = { _id: { $in: ids }, ...unowned };
      const { modifiedCount } = await collection.updateMany(filter, [
        { $set: concerning([patient]) },
      ]);
      assigned += modifiedCount;
    }
  }
  return assigned;
}

/** The index holds the patients that a version refers to as well: of these some stay that need not. */
function concerning(patients: readonly string[]): Document {
  const noted = patients.length === 0 ? [NO_PATIENT] : [...patients];
  const others = { $setDifference: ['$o', [NO_PATIENT]] };
  return {
    patients: { $literal: [...patients] },
    o: {
      $cond: [{ $isArray: '$o' }, { $setUnion: [others, { $literal: noted }] }, '$$REMOVE'],
    },
  };
}
