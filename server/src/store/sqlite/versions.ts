import type { DatabaseSync } from 'node:sqlite';
import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import type {
  ChangePage,
  ChangeQuery,
  ScanPage,
  SearchPage,
  StoredVersion,
  VersionName,
  VersionStore,
  VersionWrite,
} from '../version-store.ts';
import { oldestOf } from '../oldest-of.ts';
import { Changes } from './changes.ts';
import { codesFrom, FIRST_CODE } from './codes.ts';
import type { Dictionary } from './dictionary.ts';
import type { FileUse } from './file-use.ts';
import type { Past } from './past.ts';
import { COLUMNS, FoundVersions, storedVersion } from './found-versions.ts';
import { FOREVER } from './schema.ts';
import { Search } from './search.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';
import { inSteps, WorkBudget } from './work-budget.ts';

interface SqliteVersionsParts {
  readonly file: FileUse;
  readonly dictionary: Dictionary;
  readonly past: Past;
  /** Replaces the index of a version, inside a transaction. */
  readonly reindex: (version: VersionWrite) => void;
}

export class SqliteVersions implements VersionStore {
  readonly #with: SqliteVersionsParts;
  readonly #search: Search;
  readonly #changes: Changes;
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(db: DatabaseSync, parts: SqliteVersionsParts) {
    this.#with = parts;
    this.#sql = prepareAll(db, STATEMENTS);
    const pageKey = this.#sql.pageKey.get()?.value as Uint8Array;
    const reader = new FoundVersions(db);
    const { dictionary, past } = parts;
    this.#search = new Search(db, {
      dictionary,
      reader,
      past,
      budget: new WorkBudget(db),
      pageKey,
    });
    this.#changes = new Changes(db, { reader, pageKey });
  }

  current(type: string, id: string): Promise<StoredVersion | undefined> {
    return this.#read(() => {
      const row = this.#sql.current.get(type, id);
      return row && storedVersion(row);
    });
  }

  version(type: string, id: string, version: number): Promise<StoredVersion | undefined> {
    return this.#read(() => {
      const row = this.#sql.version.get(type, id, version);
      return row && storedVersion(row);
    });
  }

  newerThan(named: readonly VersionName[]): Promise<readonly StoredVersion[]> {
    const oldest = oldestOf(named);
    return this.#read(() =>
      oldest.flatMap(({ type, id, version }) => {
        const row = this.#sql.newer.get(type, id, version);
        return row ? [storedVersion(row)] : [];
      }),
    );
  }

  history(
    type: string,
    id: string,
    page: { count: number; before?: number },
  ): Promise<readonly StoredVersion[]> {
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    return this.#read(() => this.#sql.history.all(type, id, before, page.count).map(storedVersion));
  }

  /** Versions have no gaps: the number of the newest is their count. */
  historyCount(type: string, id: string): Promise<number> {
    return this.#read(() => Number(this.#sql.newest.get(type, id)?.version ?? 0));
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return inSteps(this.#search.run(query), (act) => this.#read(act));
  }

  explain(query: SearchQuery): Promise<readonly Explanation[]> {
    return this.#read(() => this.#search.explain(query));
  }

  changes(query: ChangeQuery): Promise<ChangePage> {
    return this.#changes.list(query, (act) => this.#read(act));
  }

  scan(type: string, page: ScanPage): Promise<readonly StoredVersion[]> {
    return this.#read(() =>
      this.#sql.scan.all(type, page.after ?? '', page.count).map(storedVersion),
    );
  }

  reindex(versions: readonly VersionWrite[]): Promise<void> {
    return this.#with.file.change(() => {
      for (const version of versions) this.#with.reindex(version);
    });
  }

  codes(type: string, param: string, known: ReadonlySet<string>): Promise<readonly string[]> {
    return this.#read(() => {
      const id = this.#with.dictionary.param(type, param, 'token');
      return id === undefined ? [] : codesFrom(this.#sql.firstCode, id, known);
    });
  }

  types(): Promise<ReadonlySet<string>> {
    return this.#read(() => new Set(this.#sql.types.all().map(({ type }) => String(type))));
  }

  #read<T>(act: () => T): Promise<T> {
    return this.#with.file.read(act);
  }
}

const NAMED = `r.type = ? AND r.id = ? AND r.until = ${FOREVER}`;

const STATEMENTS = {
  current: `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.vid = r.vid WHERE ${NAMED}`,
  newer: `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.vid = r.vid WHERE ${NAMED} AND r.version > ?`,
  version: `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.rid = r.number
    WHERE ${NAMED} AND v.version = ?`,
  history: `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.rid = r.number
    WHERE ${NAMED} AND v.version < ? ORDER BY v.version DESC LIMIT ?`,
  newest: `SELECT version FROM resource r WHERE ${NAMED}`,
  scan: `SELECT ${COLUMNS} FROM resource r JOIN version v ON v.vid = r.vid
    WHERE r.type = ? AND r.id > ? AND r.until = ${FOREVER} AND r.deleted = 0 ORDER BY r.id LIMIT ?`,
  firstCode: FIRST_CODE,
  types: `SELECT type FROM param WHERE kind = 'patient'`,
  pageKey: `SELECT value FROM meta WHERE name = 'page-key'`,
} as const;
