import type { MongoClient } from 'mongodb';
import { StoreConflict } from '../errors.ts';
import type { LeafBatch, LeafWrite, StoredLeaf } from '../leaf-queue.ts';
import type { BatchDocument, Collections, LeafDocument } from './collections.ts';
import { inTransaction, isDuplicate } from './transaction.ts';

const HASH_BYTES = 32;

export function leafDocument(leaf: LeafWrite, seq: number): LeafDocument {
  const isAccess = leaf.kind === 'disclosure' || leaf.kind === 'denial';
  return {
    _id: leaf.id,
    seq,
    kind: leaf.kind,
    bytes: leaf.bytes,
    hash: leaf.hash,
    salt: leaf.salt,
    queued: true,
    ...(leaf.subject !== undefined && { subject: leaf.subject }),
    ...(leaf.subject !== undefined && isAccess && { access: leaf.subject }),
    ...(leaf.content !== undefined && { content: leaf.content }),
  };
}

/** Leaves in queue order, and the batches that carry them to the ledger. A leaf's position is its place in its batch. */
export class LeafQueue {
  readonly #client: MongoClient;
  readonly #collections: Collections;

  constructor(client: MongoClient, collections: Collections) {
    this.#client = client;
    this.#collections = collections;
  }

  async leaf(id: string): Promise<StoredLeaf | undefined> {
    const found = await this.#collections.leaves.findOne({ _id: { $eq: id } });
    return found ? (await this.#placed([found]))[0] : undefined;
  }

  async accesses(subject: string): Promise<readonly StoredLeaf[]> {
    return this.#placed(
      await this.#collections.leaves
        .find({ access: { $eq: subject } })
        .sort({ seq: 1 })
        .toArray(),
    );
  }

  async lastAccess(subject: string): Promise<StoredLeaf | undefined> {
    const found = this.#collections.leaves
      .find({ access: { $eq: subject } })
      .sort({ seq: -1 })
      .limit(1);
    return (await this.#placed(await found.toArray()))[0];
  }

  /** Adds position and anchor, which the batches know. */
  async #placed(leaves: readonly LeafDocument[]): Promise<readonly StoredLeaf[]> {
    const names = [...new Set(leaves.flatMap(({ batch }) => batch ?? []))];
    const batches = await this.#collections.batches
      .find({ _id: { $in: names } }, { projection: { firstIndex: 1, leaves: 1, size: 1 } })
      .toArray();
    const places = new Map(
      batches.flatMap(({ _id, firstIndex, leaves: ids, size }) =>
        ids.map((id, offset) => [
          id,
          {
            index: firstIndex + offset,
            ...(size !== undefined && { anchored: { txId: _id, size } }),
          },
        ]),
      ),
    );
    return leaves.map(({ _id, kind, subject, bytes, hash, salt, content }) => ({
      id: _id,
      kind,
      bytes,
      hash,
      salt,
      ...(subject !== undefined && { subject }),
      ...(content !== undefined && { content }),
      ...places.get(_id),
    }));
  }

  async queued(
    limit: number,
  ): Promise<readonly { readonly id: string; readonly hash: Uint8Array }[]> {
    const found = await this.#collections.leaves
      .find({ queued: true }, { projection: { hash: 1 } })
      .sort({ seq: 1 })
      .limit(limit)
      .toArray();
    return found.map(({ _id, hash }) => ({ id: _id, hash }));
  }

  async backlog(): Promise<number> {
    const meta = await this.#collections.meta.findOne({ _id: 'store' });
    return (meta?.leaves ?? 0) - (meta?.anchored ?? 0);
  }

  async anchoredSize(): Promise<number> {
    return (await this.#collections.meta.findOne({ _id: 'store' }))?.anchored ?? 0;
  }

  async batch(): Promise<LeafBatch | undefined> {
    const found = await this.#collections.batches.findOne({ underWay: true });
    if (!found) return undefined;
    const { _id, firstIndex, leaves, signed } = found;
    return { txId: _id, signed: signed ?? new Uint8Array(), firstIndex, leaves };
  }

  async open(batch: LeafBatch): Promise<void> {
    const ids = [...batch.leaves];
    const { batches, leaves } = this.#collections;
    await inTransaction(this.#client, async (session) => {
      if (await batches.findOne({ underWay: true }, { session, projection: { _id: 1 } })) {
        throw new StoreConflict('Another batch of leaves is under way');
      }
      const last = await batches.findOne(
        {},
        { session, sort: { end: -1 }, projection: { end: 1 } },
      );
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
    }).catch((error: unknown) => {
      if (isDuplicate(error)) throw new StoreConflict('Such a batch exists', { cause: error });
      throw error;
    });
  }

  async close(txId: string, anchored: { readonly size: number } | undefined): Promise<void> {
    const { batches, leaves, meta } = this.#collections;
    await inTransaction(this.#client, async (session) => {
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
    });
  }

  /** @throws RangeError when one of them has no such position */
  async hashes(from: number, to: number): Promise<Uint8Array> {
    const found = this.#collections.batches
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
      parts.push(
        hashes.subarray((next - firstIndex) * HASH_BYTES, (stop - firstIndex) * HASH_BYTES),
      );
      next = stop;
    }
    if (next < to) throw new RangeError('Not all of these leaves have a position');
    return Buffer.concat(parts);
  }
}
