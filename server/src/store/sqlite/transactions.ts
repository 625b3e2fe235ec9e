import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PendingSet } from '../group-commit.ts';
import { StoreUnavailable } from '../resource-store.ts';
import type { WriteSet } from '../resource-store.ts';
import { guard } from './guard.ts';

/** Is what must know how transactions end. */
interface Ends {
  readonly committed: () => void;
  /** The transaction, or a set of a group, did not happen. */
  readonly rolledBack: () => void;
}

/** Transactions of the file, and groups of sets that share one. */
export class Transactions {
  readonly #db: DatabaseSync;
  readonly #ends: Ends;
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;

  constructor(db: DatabaseSync, ends: Ends) {
    this.#db = db;
    this.#ends = ends;
    this.#sql = Object.fromEntries(
      Object.entries(statements).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof statements, StatementSync>;
  }

  run(act: () => void): void {
    guard(() => {
      this.#sql.begin.run();
      try {
        act();
        this.#sql.commit.run();
        this.#ends.committed();
      } catch (error) {
        if (this.#db.isTransaction) this.#sql.rollback.run();
        this.#ends.rolledBack();
        throw error;
      }
    });
  }

  /** Settles every set of the group: those that `write` does not refuse are one transaction. */
  commit(group: readonly PendingSet[], write: (set: WriteSet) => void): void {
    try {
      this.run(() => {
        for (const { set } of group) write(set);
      });
      for (const pending of group) pending.resolve();
    } catch (error) {
      // Savepoints cost a fifth of a write, and few sets are refused: only then is each written under one of its own.
      if (group.length > 1 && !(error instanceof StoreUnavailable)) this.#apart(group, write);
      else for (const pending of group) pending.reject(error);
    }
  }

  #apart(group: readonly PendingSet[], write: (set: WriteSet) => void): void {
    const written: PendingSet[] = [];
    const refused = new Map<PendingSet, unknown>();
    try {
      this.run(() => {
        for (const pending of group) {
          try {
            this.#savepoint(() => write(pending.set));
            written.push(pending);
          } catch (error) {
            // A full disk ends the whole transaction; anything less ends this set alone.
            if (!this.#db.isTransaction) throw error;
            refused.set(pending, error);
          }
        }
      });
      for (const pending of written) pending.resolve();
    } catch (error) {
      for (const pending of group) if (!refused.has(pending)) pending.reject(error);
    }
    for (const [pending, error] of refused) pending.reject(error);
  }

  #savepoint(act: () => void): void {
    guard(() => {
      this.#sql.save.run();
      try {
        act();
        this.#sql.release.run();
      } catch (error) {
        if (this.#db.isTransaction) {
          this.#sql.undo.run();
          this.#sql.release.run();
          this.#ends.rolledBack();
        }
        throw error;
      }
    });
  }
}

const statements = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  save: 'SAVEPOINT one_set',
  release: 'RELEASE one_set',
  undo: 'ROLLBACK TO one_set',
} as const;
