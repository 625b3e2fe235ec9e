import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { LeafKind } from '@chartseal/evidence';
import { StoreConflict } from '../errors.ts';
import type { LeafBatch, LeafQueue, QueuedLeaf, StoredLeaf } from '../leaf-queue.ts';
import type { FileUse } from './file-use.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';

type Row = Record<string, SQLOutputValue>;

/** Length of a leaf hash, and hashes read at once before other work gets its turn. */
const HASH_BYTES = 32;
const HASHES_PER_TURN = 20_000;

/**
 * Leaves in queue order (`seq`), and the batches that carry them to the ledger. A leaf has a `position` from the moment its batch
 * is opened; it is anchored when the batch that covers the position has a `size`. Closing a batch thus touches one row.
 */
export class SqliteLeafQueue implements LeafQueue {
  readonly #file: FileUse;
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(db: DatabaseSync, file: FileUse) {
    this.#file = file;
    this.#sql = prepareAll(db, STATEMENTS);
  }

  leaf(id: string): Promise<StoredLeaf | undefined> {
    return this.#file.read(() => {
      const row = this.#sql.leaf.get(id);
      return row && storedLeaf(row);
    });
  }

  accesses(
    subject: string,
    { from, count }: { readonly from: number; readonly count: number } = { from: 0, count: -1 },
  ): Promise<readonly StoredLeaf[]> {
    return this.#file.read(() => this.#sql.accesses.all(subject, count, from).map(storedLeaf));
  }

  lastAccess(subject: string): Promise<StoredLeaf | undefined> {
    return this.#file.read(() => {
      const row = this.#sql.lastAccess.get(subject);
      return row && storedLeaf(row);
    });
  }

  queued(limit: number): Promise<readonly QueuedLeaf[]> {
    return this.#file.read(() => {
      const rows = this.#sql.queued.all(limit);
      return rows.map((row) => ({ id: String(row.id), hash: row.hash as Uint8Array }));
    });
  }

  backlog(): Promise<number> {
    return this.#file.read(() => {
      const counts = this.#sql.counts.get();
      return Number(counts?.leaves) - Number(counts?.anchored);
    });
  }

  batch(): Promise<LeafBatch | undefined> {
    return this.#file.read(() => {
      const row = this.#sql.underWay.get();
      if (!row) return undefined;
      const firstIndex = Number(row.first_index);
      const leaves = this.#sql.batchLeaves.all(firstIndex, firstIndex + Number(row.count));
      return {
        txId: String(row.tx_id),
        signed: row.signed as Uint8Array,
        firstIndex,
        leaves: leaves.map((leaf) => String(leaf.id)),
      };
    });
  }

  openBatch(batch: LeafBatch): Promise<void> {
    return this.#file.change(() => {
      if (this.#sql.underWay.get()) {
        throw new StoreConflict('Another batch of leaves is under way');
      }
      const last = this.#sql.lastBatch.get();
      if (last && batch.firstIndex < Number(last.first_index) + Number(last.count)) {
        throw new StoreConflict('Positions of the batch are taken');
      }
      this.#sql.openBatch.run(batch.firstIndex, batch.txId, batch.signed, batch.leaves.length);
      batch.leaves.forEach((id, offset) => {
        if (this.#sql.place.run(batch.firstIndex + offset, id).changes !== 1) {
          throw new StoreConflict('A leaf of the batch is not queued');
        }
      });
    });
  }

  closeBatch(txId: string, anchored: { readonly size: number } | undefined): Promise<void> {
    return this.#file.change(() => {
      const row = this.#sql.underWay.get();
      if (row?.tx_id !== txId) throw new StoreConflict('No such batch of leaves is under way');
      const firstIndex = Number(row.first_index);
      const count = Number(row.count);
      if (anchored) {
        this.#sql.anchor.run(anchored.size, firstIndex);
        this.#sql.addAnchored.run(count);
      } else {
        this.#sql.unplace.run(firstIndex, firstIndex + count);
        this.#sql.dropBatch.run(firstIndex);
      }
    });
  }

  async leafHashes(from: number, to: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let start = from; start < to; start += HASHES_PER_TURN) {
      const end = Math.min(to, start + HASHES_PER_TURN);
      parts.push(await this.#file.read(() => this.#hashes(start, end)));
      if (end < to) await new Promise((resolve) => setImmediate(resolve));
    }
    return Buffer.concat(parts, Math.max(0, to - from) * HASH_BYTES);
  }

  /** @throws RangeError when one of them has no such position */
  #hashes(from: number, to: number): Uint8Array {
    const rows = this.#sql.hashes.all(from, to);
    if (rows.length !== to - from) throw new RangeError('Not all of these leaves have a position');
    return Buffer.concat(rows.map((row) => row.hash as Uint8Array));
  }

  anchoredSize(): Promise<number> {
    return this.#file.read(() => Number(this.#sql.counts.get()?.anchored));
  }
}

function storedLeaf(row: Row): StoredLeaf {
  return {
    id: String(row.id),
    kind: row.kind as LeafKind,
    bytes: row.bytes as Uint8Array,
    hash: row.hash as Uint8Array,
    salt: row.salt as Uint8Array,
    ...(row.subject !== null && { subject: String(row.subject) }),
    ...(row.content !== null && { content: row.content as Uint8Array }),
    ...(row.position !== null && { index: Number(row.position) }),
    ...(row.size !== null && {
      anchored: { txId: String(row.tx_id), size: Number(row.size) },
    }),
  };
}

const WITH_ANCHOR = `SELECT l.*, b.tx_id, b.size FROM leaf l LEFT JOIN batch b
  ON b.first_index = (SELECT max(first_index) FROM batch WHERE first_index <= l.position)`;

const ACCESS = 'WHERE l.subject = ? AND l.chain IS NOT NULL';

const STATEMENTS = {
  leaf: `${WITH_ANCHOR} WHERE l.id = ?`,
  accesses: `${WITH_ANCHOR} ${ACCESS} ORDER BY l.chain, l.fork LIMIT ? OFFSET ?`,
  lastAccess: `${WITH_ANCHOR} ${ACCESS} ORDER BY l.chain DESC, l.fork DESC LIMIT 1`,
  queued:
    'SELECT id, hash FROM leaf INDEXED BY leaf_queued WHERE position IS NULL ORDER BY seq LIMIT ?',
  counts: `SELECT (SELECT coalesce(max(seq), 0) FROM leaf) AS leaves,
    (SELECT value FROM meta WHERE name = 'anchored') AS anchored`,
  underWay: 'SELECT * FROM batch WHERE size IS NULL',
  lastBatch: 'SELECT first_index, count FROM batch ORDER BY first_index DESC LIMIT 1',
  openBatch: 'INSERT INTO batch (first_index, tx_id, signed, count) VALUES (?, ?, ?, ?)',
  place: 'UPDATE leaf SET position = ? WHERE id = ? AND position IS NULL',
  batchLeaves: 'SELECT id FROM leaf WHERE position >= ? AND position < ? ORDER BY position',
  anchor: `UPDATE batch SET size = ?, signed = x'' WHERE first_index = ?`,
  addAnchored: `UPDATE meta SET value = value + ? WHERE name = 'anchored'`,
  unplace: 'UPDATE leaf SET position = NULL WHERE position >= ? AND position < ?',
  dropBatch: 'DELETE FROM batch WHERE first_index = ?',
  hashes: `SELECT hash FROM leaf INDEXED BY leaf_by_position
    WHERE position IS NOT NULL AND position >= ? AND position < ? ORDER BY position`,
} as const;
