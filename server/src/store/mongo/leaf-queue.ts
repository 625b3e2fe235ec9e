import type { ClientSession } from 'mongodb';
import { StoreConflict } from '../errors.ts';
import type { LeafBatch, LeafQueue, QueuedLeaf, StoredLeaf } from '../leaf-queue.ts';
import type { BatchDocument, Collections } from './collections.ts';
import type { ConnectionUse } from './connection-use.ts';
import { placed } from './leaf-documents.ts';
import { inTransaction, isDuplicate } from './transaction.ts';

const HASH_BYTES = 32;

/** Leaves in queue order, and the batches that carry them to the ledger. A leaf's position is its place in its batch. */
export class MongoLeafQueue implements LeafQueue {
  readonly #use: ConnectionUse;

  constructor(use: ConnectionUse) {
    this.#use = use;
  }

  leaf(id: string): Promise<StoredLeaf | undefined> {
    return this.#use.run(async ({ collections }) => {
      const found = await collections.leaves.findOne({ _id: { $eq: id } });
      return found ? (await placed(collections, [found]))[0] : undefined;
    });
  }

  accesses(
    subject: string,
    // To MongoDB a limit of 0 is none.
    { from, count }: { readonly from: number; readonly count: number } = { from: 0, count: 0 },
  ): Promise<readonly StoredLeaf[]> {
    return this.#use.run(async ({ collections }) => {
      const found = collections.leaves
        .find({ access: { $eq: subject }, chain: { $exists: true } })
        .sort({ chain: 1, fork: 1 })
        .skip(from)
        .limit(count);
      return placed(collections, await found.toArray());
    });
  }

  lastAccess(subject: string): Promise<StoredLeaf | undefined> {
    return this.#use.run(async ({ collections }) => {
      const found = collections.leaves
        .find({ access: { $eq: subject }, chain: { $exists: true } })
        .sort({ chain: -1, fork: -1 })
        .limit(1);
      return (await placed(collections, await found.toArray()))[0];
    });
  }

  queued(limit: number): Promise<readonly QueuedLeaf[]> {
    return this.#use.run(async ({ collections }) => {
      const found = await collections.leaves
        .find({ queued: true }, { projection: { hash: 1 } })
        .sort({ seq: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, hash }) => ({ id: _id, hash }));
    });
  }

  backlog(): Promise<number> {
    return this.#use.run(async ({ collections }) => {
      const meta = await collections.meta.findOne({ _id: 'store' });
      return (meta?.leaves ?? 0) - (meta?.anchored ?? 0);
    });
  }

  anchoredSize(): Promise<number> {
    return this.#use.run(
      async ({ collections }) => (await collections.meta.findOne({ _id: 'store' }))?.anchored ?? 0,
    );
  }

  batch(): Promise<LeafBatch | undefined> {
    return this.#use.run(async ({ collections }) => {
      const found = await collections.batches.findOne({ underWay: true });
      if (!found) return undefined;
      const { _id, firstIndex, leaves, signed } = found;
      return { txId: _id, signed: signed ?? new Uint8Array(), firstIndex, leaves };
    });
  }

  openBatch(batch: LeafBatch): Promise<void> {
    return this.#use.run(({ client, collections }) =>
      inTransaction(client, (session) => openIn(collections, session, batch)).catch(
        (error: unknown) => {
          if (isDuplicate(error)) throw new StoreConflict('Such a batch exists', { cause: error });
          throw error;
        },
      ),
    );
  }

  closeBatch(txId: string, anchored: { readonly size: number } | undefined): Promise<void> {
    return this.#use.run(({ client, collections }) =>
      inTransaction(client, (session) => closeIn(collections, session, { txId, anchored })),
    );
  }

  leafHashes(from: number, to: number): Promise<Uint8Array> {
    return this.#use.run(({ collections }) => hashesOf(collections, from, to));
  }
}

async function openIn(
  { batches, leaves }: Collections,
  session: ClientSession,
  batch: LeafBatch,
): Promise<void> {
  const ids = [...batch.leaves];
  if (await batches.findOne({ underWay: true }, { session, projection: { _id: 1 } })) {
    throw new StoreConflict('Another batch of leaves is under way');
  }
  const last = await batches.findOne({}, { session, sort: { end: -1 }, projection: { end: 1 } });
  if (batch.firstIndex < (last?.end ?? 0)) {
    throw new StoreConflict('Positions of the batch are taken');
  }
  const queued = await leaves
    .find({ _id: { $in: ids }, queued: true }, { session, projection: { hash: 1 } })
    .toArray();
  const hashes = new Map(queued.map(({ _id, hash }) => [_id, hash]));
  const inOrder = ids.flatMap((id) => hashes.get(id) ?? []);
  if (inOrder.length !== ids.length || hashes.size !== ids.length) {
    throw new StoreConflict('A leaf of the batch is not queued');
  }
  const document: BatchDocument = {
    _id: batch.txId,
    firstIndex: batch.firstIndex,
    end: batch.firstIndex + ids.length,
    leaves: ids,
    hashes: Buffer.concat(inOrder),
    signed: batch.signed,
    underWay: true,
  };
  await batches.insertOne(document, { session });
  await leaves.updateMany(
    { _id: { $in: ids } },
    { $set: { batch: batch.txId }, $unset: { queued: '' } },
    { session },
  );
}

async function closeIn(
  { batches, leaves, meta }: Collections,
  session: ClientSession,
  {
    txId,
    anchored,
  }: { readonly txId: string; readonly anchored: { readonly size: number } | undefined },
): Promise<void> {
  const found = await batches.findOne({ _id: { $eq: txId }, underWay: true }, { session });
  if (!found) throw new StoreConflict('No such batch of leaves is under way');
  if (anchored) {
    await batches.updateOne(
      { _id: { $eq: txId } },
      { $set: { size: anchored.size }, $unset: { underWay: '', signed: '' } },
      { session },
    );
    const count = found.leaves.length;
    await meta.updateOne({ _id: 'store' }, { $inc: { anchored: count } }, { session });
    return;
  }
  await leaves.updateMany(
    { _id: { $in: [...found.leaves] } },
    { $set: { queued: true }, $unset: { batch: '' } },
    { session },
  );
  await batches.deleteOne({ _id: { $eq: txId } }, { session });
}

/** @throws RangeError when one of them has no such position */
async function hashesOf(
  { batches }: Pick<Collections, 'batches'>,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const found = batches
    .find(
      { end: { $gt: from }, firstIndex: { $lt: to } },
      { projection: { firstIndex: 1, end: 1, hashes: 1 } },
    )
    .sort({ end: 1 });
  const parts: Uint8Array[] = [];
  let next = from;
  for await (const { firstIndex, end, hashes } of found) {
    if (firstIndex > next) break;
    const stop = Math.min(end, to);
    parts.push(hashes.subarray((next - firstIndex) * HASH_BYTES, (stop - firstIndex) * HASH_BYTES));
    next = stop;
  }
  if (next < to) throw new RangeError('Not all of these leaves have a position');
  return Buffer.concat(parts);
}
