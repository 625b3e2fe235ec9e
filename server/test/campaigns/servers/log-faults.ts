import type { Db } from 'mongodb';
import type { Leaf } from '@chartseal/evidence';
import type { BatchDocument, LeafDocument } from '../../../src/store/mongo/collections.ts';

/** Reads every chain of accesses as the database has it: places 0 to n, each once, and each leaf names the one before. */
export async function chainFaults(
  db: Db,
): Promise<{ readonly accesses: number; readonly faults: readonly string[] }> {
  const leaves = db.collection<LeafDocument>('leaves');
  const all = await leaves
    .find({ kind: { $in: ['disclosure', 'denial'] } }, { promoteBuffers: true })
    .sort({ seq: 1 })
    .toArray();
  const ends = new Map<string, { readonly seq: number; readonly hash: string }>();
  const faults: string[] = [];
  for (const { subject = '', bytes, hash } of all) {
    const { seq = -1, prev } = JSON.parse(Buffer.from(bytes).toString()) as Leaf;
    const end = ends.get(subject);
    const follows = seq === (end?.seq ?? -1) + 1 && prev === end?.hash;
    if (!follows) faults.push(`${subject}: ${seq} after ${end?.seq}`);
    ends.set(subject, { seq, hash: Buffer.from(hash).toString('hex') });
  }
  return { accesses: all.length, faults };
}

/** Reads what was anchored: batches one after the other, and no leaf in two of them. */
export async function logFaults(db: Db): Promise<readonly string[]> {
  const batches = await db
    .collection<BatchDocument>('batches')
    .find({}, { projection: { firstIndex: 1, end: 1, leaves: 1 } })
    .sort({ firstIndex: 1 })
    .toArray();
  const faults: string[] = [];
  const known = new Set<string>();
  let next = 0;
  for (const { firstIndex, end, leaves } of batches) {
    if (firstIndex !== next) faults.push(`a batch begins at ${firstIndex}, not ${next}`);
    for (const leaf of leaves) {
      if (known.has(leaf)) faults.push(`leaf ${leaf} was anchored twice`);
      known.add(leaf);
    }
    next = end;
  }
  return faults;
}
