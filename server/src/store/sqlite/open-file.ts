import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PAGE_KEY_BYTES } from '../page-token.ts';
import { StoreUnavailable } from '../errors.ts';
import type { StoreOptions } from '../store-options.ts';
import { LogMarks } from './log-marks.ts';
import { migrate } from './migrate.ts';
import { APPLICATION_ID, LATER_TABLES, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** Opens the file, made when absent and readable by its owner alone, and locks it for this process. */
export function openFile(path: string, options: StoreOptions): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path);
  try {
    prepareFile(db, options);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepareFile(db: DatabaseSync, options: StoreOptions): void {
  // Exclusive only after the log was read, since otherwise it can never be shared with a thread of this process.
  db.exec(`PRAGMA journal_mode = WAL; SELECT 1 FROM sqlite_schema; PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000`);
  db.exec('BEGIN IMMEDIATE');
  const owner = Number(db.prepare('PRAGMA application_id').get()?.application_id);
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  const empty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (empty) {
    db.exec(SCHEMA);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    const add = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
    add.run('page-key', options.randomBytes(PAGE_KEY_BYTES));
    add.run('anchored', 0);
    add.run('probe', 0);
    add.run('horizon', 0);
  } else if (owner !== APPLICATION_ID || version < 1 || version > SCHEMA_VERSION) {
    throw new StoreUnavailable('The store file was not written by this version of the server');
  } else {
    db.exec(LATER_TABLES);
    migrate(db, version);
    new LogMarks(db);
  }
  db.exec('COMMIT');
}
