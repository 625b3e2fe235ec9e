import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreUnavailable } from '../errors.ts';
import { GroupCommit, weightOf } from '../group-commit.ts';
import type { PendingSet } from '../group-commit.ts';
import type { StoreOptions } from '../store-options.ts';
import type { Store, WriteSet } from '../store.ts';
import { Aside } from './aside.ts';
import { Dictionary } from './dictionary.ts';
import { FileUse } from './file-use.ts';
import { guard } from './guard.ts';
import { SqliteLeafQueue } from './leaf-queue.ts';
import { openFile } from './open-file.ts';
import { Past } from './past.ts';
import { SqliteRecords } from './records.ts';
import { Transactions } from './transactions.ts';
import { SqliteVersions } from './versions.ts';
import { SetWriter } from './write-set.ts';

/**
 * Opens the store in this file, making it when absent. The file belongs to one process at a time.
 * @throws StoreUnavailable when it is in use, is not ours, or cannot be written
 */
export async function openSqliteStore(path: string, options: StoreOptions): Promise<Store> {
  await Promise.resolve();
  return guard(() => new SqliteStore(openFile(path, options), path, options));
}

/** A set of this weight is written aside: here it would hold up everything else for some tens of milliseconds. */
const HEAVY = 8_000;

class SqliteStore implements Store {
  readonly shared = false;
  readonly versions: SqliteVersions;
  readonly records: SqliteRecords;
  readonly leaves: SqliteLeafQueue;
  readonly #db: DatabaseSync;
  readonly #writer: SetWriter;
  readonly #past: Past;
  readonly #transactions: Transactions;
  readonly #aside: Aside;
  readonly #file: FileUse;
  readonly #group = new GroupCommit((group) => this.#commit(group));
  readonly #probe: StatementSync;

  constructor(db: DatabaseSync, path: string, { past }: StoreOptions) {
    this.#db = db;
    const dictionary = new Dictionary(db);
    this.#writer = new SetWriter(db, dictionary);
    this.#transactions = new Transactions(db, {
      committed: () => {
        dictionary.committed();
        this.#past.committed();
      },
      rolledBack: () => {
        dictionary.rolledBack();
        this.#writer.rolledBack();
      },
    });
    this.#aside = new Aside(db, path, () => {
      dictionary.refresh();
      this.#writer.refresh();
      this.#past.committed();
    });
    this.#past = new Past(db, past, (act) => {
      if (this.#aside.busy) throw new StoreUnavailable('A large set is being written');
      this.#transactions.run(act);
    });
    this.#file = new FileUse({ aside: this.#aside, transactions: this.#transactions });
    this.versions = new SqliteVersions(db, {
      file: this.#file,
      dictionary,
      past: this.#past,
      reindex: (version) => this.#writer.reindex(version),
    });
    this.records = new SqliteRecords(db, this.#file);
    this.leaves = new SqliteLeafQueue(db, this.#file);
    this.#probe = db.prepare(`UPDATE meta SET value = value + 1 WHERE name = 'probe'`);
  }

  async write(set: WriteSet): Promise<void> {
    this.#file.assertOpen();
    await this.#group.submit(set);
  }

  #commit(group: readonly PendingSet[]): Promise<void> | void {
    const [first] = group;
    if (first && group.length === 1 && weightOf(first.set) >= HEAVY) {
      const set = this.#writer.withPlaces(first.set);
      return this.#aside.write({ ...first, set });
    }
    this.#transactions.commit(group, (set) => this.#writer.write(set));
  }

  ready(): Promise<void> {
    return this.#file.change(() => void this.#probe.run());
  }

  async close(): Promise<void> {
    if (!this.#file.end()) return;
    this.#past.close();
    await this.#group.idle();
    guard(() => this.#db.close());
  }
}
