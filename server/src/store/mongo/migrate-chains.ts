import type { AnyBulkWriteOperation } from 'mongodb';
import type { Collections, LeafDocument } from './collections.ts';

const PER_BATCH = 1_000;
/** Index of accesses that schema 4 had. */
const FORMER_INDEX = 'access_1_seq_1';

/**
 * Brings a database of schema 4 up to date: an access had its place in the chain of its subject in its own bytes alone, and
 * two servers could give the same one. Servers that do this at once write the same.
 */
export async function migrateChains({ leaves, meta }: Collections): Promise<void> {
  try {
    await place({ leaves });
  } catch (error) {
    // Another server was faster, and has taken away the index on the way.
    if ((await meta.findOne({ _id: 'store' }))?.schema === 4) throw error;
    return;
  }
  await meta.updateOne({ _id: 'store', schema: 4 }, { $set: { schema: 5 } });
  await leaves.dropIndex(FORMER_INDEX).catch(() => undefined);
}

async function place({ leaves }: Pick<Collections, 'leaves'>): Promise<void> {
  const accesses = leaves
    .find({ access: { $exists: true } }, { projection: { access: 1, bytes: 1 } })
    .sort({ access: 1, seq: 1 });
  let subject: string | undefined;
  let taken = new Map<number, number>();
  let batch: AnyBulkWriteOperation<LeafDocument>[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await leaves.bulkWrite(batch, { ordered: false });
    batch = [];
  };
  for await (const { _id, access, bytes } of accesses) {
    if (access !== subject) taken = new Map<number, number>();
    subject = access;
    const chain = placeIn(bytes);
    if (chain === undefined) continue;
    const fork = taken.get(chain) ?? 0;
    taken.set(chain, fork + 1);
    const update = { $set: { chain, ...(fork > 0 && { fork }) } };
    batch.push({
      updateOne: { filter: { _id: { $eq: _id }, chain: { $exists: false } }, update },
    });
    if (batch.length >= PER_BATCH) await flush();
  }
  await flush();
}

function placeIn(bytes: Uint8Array): number | undefined {
  const { seq } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly seq?: number };
  return seq;
}
