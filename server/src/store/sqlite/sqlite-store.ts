import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import { GroupCommit, weightOf } from '../group-commit.ts';
import type { PendingSet } from '../group-commit.ts';
import { StoreUnavailable } from '../errors.ts';
import type { LeafBatch, LeafQueue as LeafQueuePort, StoredLeaf } from '../leaf-queue.ts';
import type { RecordStore } from '../record-store.ts';
import type { Store, WriteSet } from '../store.ts';
import type {
  ChangePage,
  ChangeQuery,
  ScanPage,
  SearchPage,
  StoredVersion,
  VersionStore,
  VersionWrite,
} from '../version-store.ts';
import type { StoreOptions } from '../store-options.ts';
import { Aside } from './aside.ts';
import { Changes } from './changes.ts';
import { codesFrom, FIRST_CODE } from './codes.ts';
import { Dictionary } from './dictionary.ts';
import { guard } from './guard.ts';
import { LeafQueue } from './leaf-queue.ts';
import { openFile } from './open-file.ts';
import { Past } from './past.ts';
import { VersionReader } from './read-versions.ts';
import { Search } from './search.ts';
import { Transactions } from './transactions.ts';
import { inSteps, WorkBudget } from './work-budget.ts';
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
/** Length of a leaf hash, and hashes read at once before other work gets its turn. */
const HASH_BYTES = 32;
const HASHES_PER_TURN = 20_000;

class SqliteStore implements Store, VersionStore, LeafQueuePort {
  readonly versions: VersionStore = this;
  readonly leaves: LeafQueuePort = this;
  readonly records: RecordStore = {
    record: (collection, key) => this.#record(collection, key),
    records: (collection) => this.#records(collection),
  };
  readonly #db: DatabaseSync;
  readonly #dictionary: Dictionary;
  readonly #writer: SetWriter;
  readonly #reader: VersionReader;
  readonly #leaves: LeafQueue;
  readonly #past: Past;
  readonly #search: Search;
  readonly #changes: Changes;
  readonly #transactions: Transactions;
  readonly #aside: Aside;
  readonly #group: GroupCommit;
  readonly #sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  #closed = false;

  constructor(db: DatabaseSync, path: string, { past }: StoreOptions) {
    this.#db = db;
    this.#dictionary = new Dictionary(db);
    this.#writer = new SetWriter(db, this.#dictionary);
    this.#reader = new VersionReader(db);
    this.#leaves = new LeafQueue(db);
    this.#sql = Object.fromEntries(
      Object.entries(STATEMENTS).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof STATEMENTS, StatementSync>;
    const pageKey = db.prepare(`SELECT value FROM meta WHERE name = 'page-key'`).get()
      ?.value as Uint8Array;
    this.#transactions = new Transactions(db, {
      committed: () => {
        this.#dictionary.committed();
        this.#past.committed();
      },
      rolledBack: () => {
        this.#dictionary.rolledBack();
        this.#writer.rolledBack();
      },
    });
    this.#aside = new Aside(db, path, () => {
      this.#dictionary.refresh();
      this.#writer.refresh();
      this.#past.committed();
    });
    this.#past = new Past(db, past, (act) => {
      if (this.#aside.busy) throw new StoreUnavailable('A large set is being written');
      this.#transactions.run(act);
    });
    this.#search = new Search(db, {
      dictionary: this.#dictionary,
      reader: this.#reader,
      past: this.#past,
      budget: new WorkBudget(db),
      pageKey,
    });
    this.#changes = new Changes(db, { reader: this.#reader, pageKey });
    this.#group = new GroupCommit((group) => this.#commit(group));
  }

  write(set: WriteSet): Promise<void> {
    if (this.#closed) return Promise.reject(closedStore());
    return this.#group.submit(set);
  }

  #commit(group: readonly PendingSet[]): Promise<void> | void {
    const [first] = group;
    if (first && group.length === 1 && weightOf(first.set) >= HEAVY) {
      return this.#aside.write(first);
    }
    this.#transactions.commit(group, (set) => this.#writer.write(set));
  }

  async #use<T>(act: () => T): Promise<T> {
    await Promise.resolve();
    if (this.#closed) throw closedStore();
    return guard(() => this.#aside.read(act));
  }

  async #change(act: () => void): Promise<void> {
    await Promise.resolve();
    while (this.#aside.busy) await this.#aside.idle();
    if (this.#closed) throw closedStore();
    this.#transactions.run(act);
  }

  current(type: string, id: string): Promise<StoredVersion | undefined> {
    return this.#use(() => this.#reader.current(type, id));
  }

  version(type: string, id: string, version: number): Promise<StoredVersion | undefined> {
    return this.#use(() => this.#reader.version(type, id, version));
  }

  history(
    type: string,
    id: string,
    page: { count: number; before?: number },
  ): Promise<readonly StoredVersion[]> {
    return this.#use(() => this.#reader.history(type, id, page));
  }

  historyCount(type: string, id: string): Promise<number> {
    return this.#use(() => this.#reader.count(type, id));
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return inSteps(this.#search.run(query), (act) => this.#use(act));
  }

  explain(query: SearchQuery): Promise<readonly Explanation[]> {
    return this.#use(() => this.#search.explain(query));
  }

  changes(query: ChangeQuery): Promise<ChangePage> {
    return this.#changes.list(query, (act) => this.#use(act));
  }

  scan(type: string, page: ScanPage): Promise<readonly StoredVersion[]> {
    return this.#use(() => this.#reader.scan(type, page));
  }

  reindex(versions: readonly VersionWrite[]): Promise<void> {
    return this.#change(() => versions.forEach((version) => this.#writer.reindex(version)));
  }

  codes(type: string, param: string, known: ReadonlySet<string>): Promise<readonly string[]> {
    return this.#use(() => {
      const id = this.#dictionary.param(type, param, 'token');
      return id === undefined ? [] : codesFrom(this.#sql.firstCode, id, known);
    });
  }

  types(): Promise<ReadonlySet<string>> {
    return this.#use(() => new Set(this.#sql.types.all().map(({ type }) => String(type))));
  }

  #record(collection: string, key: string): Promise<Uint8Array | undefined> {
    return this.#use(() => this.#sql.record.get(collection, key)?.value as Uint8Array | undefined);
  }

  #records(collection: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#use(() => {
      const rows = this.#sql.records.all(collection);
      return new Map(rows.map((row) => [String(row.key), row.value as Uint8Array]));
    });
  }

  leaf(id: string): Promise<StoredLeaf | undefined> {
    return this.#use(() => this.#leaves.leaf(id));
  }

  accesses(subject: string): Promise<readonly StoredLeaf[]> {
    return this.#use(() => this.#leaves.accesses(subject));
  }

  lastAccess(subject: string): Promise<StoredLeaf | undefined> {
    return this.#use(() => this.#leaves.lastAccess(subject));
  }

  queued(limit: number): Promise<readonly { readonly id: string; readonly hash: Uint8Array }[]> {
    return this.#use(() => this.#leaves.queued(limit));
  }

  backlog(): Promise<number> {
    return this.#use(() => this.#leaves.backlog());
  }

  batch(): Promise<LeafBatch | undefined> {
    return this.#use(() => this.#leaves.batch());
  }

  openBatch(batch: LeafBatch): Promise<void> {
    return this.#change(() => this.#leaves.open(batch));
  }

  closeBatch(txId: string, anchored: { readonly size: number } | undefined): Promise<void> {
    return this.#change(() => this.#leaves.close(txId, anchored));
  }

  async leafHashes(from: number, to: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let start = from; start < to; start += HASHES_PER_TURN) {
      const end = Math.min(to, start + HASHES_PER_TURN);
      parts.push(await this.#use(() => this.#leaves.hashes(start, end)));
      if (end < to) await new Promise((resolve) => setImmediate(resolve));
    }
    return Buffer.concat(parts, Math.max(0, to - from) * HASH_BYTES);
  }

  anchoredSize(): Promise<number> {
    return this.#use(() => this.#leaves.anchoredSize());
  }

  ready(): Promise<void> {
    return this.#change(() => void this.#sql.probe.run());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#past.close();
    await this.#group.idle();
    guard(() => this.#db.close());
  }
}

function closedStore(): StoreUnavailable {
  return new StoreUnavailable('The store is closed');
}

const STATEMENTS = {
  record: 'SELECT value FROM record WHERE collection = ? AND key = ?',
  records: 'SELECT key, value FROM record WHERE collection = ? ORDER BY key',
  firstCode: FIRST_CODE,
  types: `SELECT type FROM param WHERE kind = 'patient'`,
  probe: `UPDATE meta SET value = value + 1 WHERE name = 'probe'`,
} as const;
