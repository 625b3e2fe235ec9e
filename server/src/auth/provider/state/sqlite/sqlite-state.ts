import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  StateUnavailable,
  type Entry,
  type Kept,
  type KeySet,
  type Place,
  type ProviderState,
} from '../provider-state.ts';
import { keysInFile } from './key-file.ts';

/** Says where a lone server keeps its state: files that nobody else may read (mode 0600), made when they are missing. */
export interface StateFiles {
  /** SQLite file; `:memory:` for none. */
  readonly stateFile: string;
  readonly keysFile: string;
}

const CLEAN_EVERY = 256;

/**
 * The state in files of one machine. Processes that open the same files share it.
 *
 * @param clock milliseconds since the epoch
 */
export function openSqliteState(files: StateFiles, clock: () => number): SqliteState {
  if (files.stateFile !== ':memory:') {
    mkdirSync(dirname(files.stateFile), { recursive: true, mode: 0o700 });
    // It holds codes that can be redeemed; SQLite gives its other files the same mode.
    closeSync(openSync(files.stateFile, 'a', 0o600));
  }
  return new SqliteState(files, clock);
}

class SqliteState implements ProviderState {
  readonly keysAt: string;
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #clock: () => number;
  #writes = 0;

  constructor({ stateFile, keysFile }: StateFiles, clock: () => number) {
    this.keysAt = keysFile;
    this.#clock = clock;
    this.#db = new DatabaseSync(stateFile);
    this.#db.exec(SCHEMA);
    this.#statements = prepare(this.#db);
  }

  keep(entry: Entry): Promise<void> {
    return this.#answer(({ upsert }) => void this.#write(upsert, entry));
  }

  keepOnce(entry: Entry): Promise<boolean> {
    return this.#answer(({ insert }) => this.#write(insert, entry, this.#now()) === 1);
  }

  find({ model, id }: Place): Promise<Kept | undefined> {
    return this.#answer(({ select }) => keptIn(select.get(model, id, this.#now())));
  }

  findByUid(model: string, uid: string): Promise<Kept | undefined> {
    return this.#answer(({ byUid }) => keptIn(byUid.get(model, uid, this.#now())));
  }

  consume({ model, id }: Place): Promise<boolean> {
    const now = this.#now();
    return this.#answer(({ consume }) => consume.run(now, model, id, now).changes === 1);
  }

  remove({ model, id }: Place): Promise<void> {
    return this.#answer(({ remove }) => void remove.run(model, id));
  }

  removeOfGrant(model: string, grant: string): Promise<void> {
    return this.#answer(({ revoke }) => void revoke.run(model, grant));
  }

  signingKeys(make: () => Promise<KeySet>): Promise<KeySet> {
    return keysInFile(this.keysAt, make);
  }

  /** Returns all that has not ended. */
  entries(): Promise<readonly Entry[]> {
    return this.#answer(({ all }) => all.all(this.#now()).map(entryIn));
  }

  close(): Promise<void> {
    this.#db.close();
    return Promise.resolve();
  }

  #now(): number {
    return Math.floor(this.#clock() / 1000);
  }

  /** @returns how many rows there are of it now that were not before, or are changed */
  #write(statement: StatementSync, entry: Entry, ...more: readonly number[]): number | bigint {
    if (this.#writes++ % CLEAN_EVERY === 0) this.#statements.clean.run(this.#now());
    const { model, id, payload, expires, consumed, grant, uid } = entry;
    const place = [model, id, payload, expires] as const;
    const { changes } = statement.run(
      ...place,
      consumed ?? null,
      grant ?? null,
      uid ?? null,
      ...more,
    );
    return changes;
  }

  /** The database answers at once; the port is asynchronous. */
  async #answer<T>(act: (statements: ReturnType<typeof prepare>) => T): Promise<T> {
    try {
      return await Promise.resolve(act(this.#statements));
    } catch (cause) {
      throw new StateUnavailable('The state of the authorization server cannot be used', { cause });
    }
  }
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS entry (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, expires INTEGER NOT NULL,
    consumed INTEGER, grant_id TEXT, uid TEXT, PRIMARY KEY (model, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entry_grant ON entry (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entry_uid ON entry (uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires);
`;

const COLUMNS = 'model, id, payload, expires, consumed, grant_id, uid';
const INSERT = `INSERT INTO entry (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires = excluded.expires,
    grant_id = excluded.grant_id, uid = excluded.uid`;

function prepare(db: DatabaseSync) {
  const living = (criterion: string) =>
    db.prepare(
      `SELECT payload, consumed FROM entry WHERE model = ? AND ${criterion} AND expires > ?`,
    );
  return {
    upsert: db.prepare(INSERT),
    insert: db.prepare(`${INSERT}, consumed = excluded.consumed WHERE entry.expires <= ?`),
    select: living('id = ?'),
    byUid: living('uid = ?'),
    consume: db.prepare(
      'UPDATE entry SET consumed = ? WHERE model = ? AND id = ? AND consumed IS NULL AND expires > ?',
    ),
    remove: db.prepare('DELETE FROM entry WHERE model = ? AND id = ?'),
    revoke: db.prepare('DELETE FROM entry WHERE model = ? AND grant_id = ?'),
    clean: db.prepare('DELETE FROM entry WHERE expires <= ?'),
    all: db.prepare(`SELECT ${COLUMNS} FROM entry WHERE expires > ?`),
  };
}

type Row = Readonly<Record<string, unknown>>;

function keptIn(row: Row | undefined): Kept | undefined {
  if (row === undefined) return undefined;
  const { payload, consumed } = row;
  return {
    payload: String(payload),
    ...(consumed === null ? {} : { consumed: Number(consumed) }),
  };
}

function entryIn(row: Row): Entry {
  const { model, id, payload, expires, consumed, grant_id: grant, uid } = row;
  return {
    ...{ model: String(model), id: String(id), payload: String(payload), expires: Number(expires) },
    ...(consumed === null ? {} : { consumed: Number(consumed) }),
    ...(typeof grant === 'string' ? { grant } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
  };
}
