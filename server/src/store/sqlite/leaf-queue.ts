import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { LeafKind } from '@chartseal/evidence';
import { StoreConflict } from '../errors.ts';
import type { LeafBatch, LeafWrite, StoredLeaf } from '../leaf-queue.ts';

type Row = Record<string, SQLOutputValue>;

/**
 * Leaves in queue order (`seq`), and the batches that carry them to the ledger. A leaf has a `position` from the moment its batch
 * is opened; it is anchored when the batch that covers the position has a `size`. Closing a batch thus touches one row.
 */
export class LeafQueue {
  readonly #add: StatementSync;
  readonly #leaf: StatementSync;
  readonly #accesses: StatementSync;
  readonly #lastAccess: StatementSync;
  readonly #queued: StatementSync;
  readonly #counts: StatementSync;
  readonly #underWay: StatementSync;
  readonly #lastBatch: StatementSync;
  readonly #openBatch: StatementSync;
  readonly #place: StatementSync;
  readonly #batchLeaves: StatementSync;
  readonly #anchor: StatementSync;
  readonly #unplace: StatementSync;
  readonly #dropBatch: StatementSync;
  readonly #hashes: StatementSync;
  readonly #setAnchored: StatementSync;

  constructor(db: DatabaseSync) {
    const withAnchor = `
      SELECT l.*, b.tx_id, b.size FROM leaf l LEFT JOIN batch b
      ON b.first_index = (SELECT max(first_index) FROM batch WHERE first_index <= l.position)`;
    const access = `WHERE l.subject = ? AND l.kind IN ('disclosure', 'denial')`;
    this.#add = db.prepare(
      'INSERT INTO leaf (id, kind, subject, bytes, hash, salt, content) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#leaf = db.prepare(`${withAnchor} WHERE l.id = ?`);
    this.#accesses = db.prepare(`${withAnchor} ${access} ORDER BY l.seq`);
    this.#lastAccess = db.prepare(`${withAnchor} ${access} ORDER BY l.seq DESC LIMIT 1`);
    this.#queued = db.prepare(
      'SELECT id, hash FROM leaf INDEXED BY leaf_queued WHERE position IS NULL ORDER BY seq LIMIT ?',
    );
    this.#counts = db.prepare(
      `SELECT (SELECT coalesce(max(seq), 0) FROM leaf) AS leaves,
              (SELECT value FROM meta WHERE name = 'anchored') AS anchored`,
    );
    this.#underWay = db.prepare('SELECT * FROM batch WHERE size IS NULL');
    this.#lastBatch = db.prepare(
      'SELECT first_index, count FROM batch ORDER BY first_index DESC LIMIT 1',
    );
    this.#openBatch = db.prepare(
      'INSERT INTO batch (first_index, tx_id, signed, count) VALUES (?, ?, ?, ?)',
    );
    this.#place = db.prepare('UPDATE leaf SET position = ? WHERE id = ? AND position IS NULL');
    this.#batchLeaves = db.prepare(
      'SELECT id FROM leaf WHERE position >= ? AND position < ? ORDER BY position',
    );
    this.#anchor = db.prepare(`UPDATE batch SET size = ?, signed = x'' WHERE first_index = ?`);
    this.#unplace = db.prepare(
      'UPDATE leaf SET position = NULL WHERE position >= ? AND position < ?',
    );
    this.#dropBatch = db.prepare('DELETE FROM batch WHERE first_index = ?');
    this.#hashes = db.prepare(
      `SELECT hash FROM leaf INDEXED BY leaf_by_position
       WHERE position IS NOT NULL AND position >= ? AND position < ? ORDER BY position`,
    );
    this.#setAnchored = db.prepare(`UPDATE meta SET value = ? WHERE name = 'anchored'`);
  }

  add(leaf: LeafWrite): void {
    this.#add.run(
      leaf.id,
      leaf.kind,
      leaf.subject ?? null,
      leaf.bytes,
      leaf.hash,
      leaf.salt,
      leaf.content ?? null,
    );
  }

  leaf(id: string): StoredLeaf | undefined {
    const row = this.#leaf.get(id);
    return row && storedLeaf(row);
  }

  accesses(subject: string): readonly StoredLeaf[] {
    return this.#accesses.all(subject).map(storedLeaf);
  }

  lastAccess(subject: string): StoredLeaf | undefined {
    const row = this.#lastAccess.get(subject);
    return row && storedLeaf(row);
  }

  queued(limit: number): readonly { readonly id: string; readonly hash: Uint8Array }[] {
    return this.#queued
      .all(limit)
      .map((row) => ({ id: String(row.id), hash: row.hash as Uint8Array }));
  }

  anchoredSize(): number {
    return Number(this.#counts.get()?.anchored);
  }

  backlog(): number {
    const counts = this.#counts.get();
    return Number(counts?.leaves) - Number(counts?.anchored);
  }

  batch(): LeafBatch | undefined {
    const row = this.#underWay.get();
    if (!row) return undefined;
    const firstIndex = Number(row.first_index);
    return {
      txId: String(row.tx_id),
      signed: row.signed as Uint8Array,
      firstIndex,
      leaves: this.#batchLeaves
        .all(firstIndex, firstIndex + Number(row.count))
        .map((leaf) => String(leaf.id)),
    };
  }

  /** Inside the caller's transaction. */
  open(batch: LeafBatch): void {
    if (this.#underWay.get()) throw new StoreConflict('Another batch of leaves is under way');
    const last = this.#lastBatch.get();
    if (last && batch.firstIndex < Number(last.first_index) + Number(last.count)) {
      throw new StoreConflict('Positions of the batch are taken');
    }
    this.#openBatch.run(batch.firstIndex, batch.txId, batch.signed, batch.leaves.length);
    batch.leaves.forEach((id, offset) => {
      if (this.#place.run(batch.firstIndex + offset, id).changes !== 1) {
        throw new StoreConflict('A leaf of the batch is not queued');
      }
    });
  }

  /** Inside the caller's transaction. */
  close(txId: string, anchored: { readonly size: number } | undefined): void {
    const row = this.#underWay.get();
    if (row?.tx_id !== txId) throw new StoreConflict('No such batch of leaves is under way');
    const firstIndex = Number(row.first_index);
    const count = Number(row.count);
    if (anchored) {
      this.#anchor.run(anchored.size, firstIndex);
      this.#setAnchored.run(this.anchoredSize() + count);
    } else {
      this.#unplace.run(firstIndex, firstIndex + count);
      this.#dropBatch.run(firstIndex);
    }
  }

  /** @throws RangeError when one of them has no such position */
  hashes(from: number, to: number): Uint8Array {
    const rows = this.#hashes.all(from, to);
    if (rows.length !== to - from) throw new RangeError('Not all of these leaves have a position');
    return Buffer.concat(rows.map((row) => row.hash as Uint8Array));
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
