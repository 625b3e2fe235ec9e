import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { dateRange, numberRange } from '../../search/compare.ts';
import type { IndexEntry } from '../../search/query.ts';
import { StoreConflict } from '../resource-store.ts';
import type { VersionWrite } from '../resource-store.ts';
import type { Dictionary } from './dictionary.ts';
import { entryTables } from './schema.ts';
import type { EntryKind } from './schema.ts';

/** Stands in `patient_entry` for a resource that concerns no patient. */
export const noPatient = '';

const columns: Readonly<Record<EntryKind, number>> = {
  token: 4,
  string: 4,
  date: 4,
  reference: 3,
  uri: 3,
  number: 4,
  quantity: 6,
  patient: 3,
};
const kinds = Object.keys(columns) as EntryKind[];

/** Writes versions and their index rows, inside the caller's transaction. */
export class VersionWriter {
  readonly #dictionary: Dictionary;
  readonly #find: StatementSync;
  readonly #addResource: StatementSync;
  readonly #moveResource: StatementSync;
  readonly #addVersion: StatementSync;
  readonly #addEntry: Readonly<Record<EntryKind, StatementSync>>;
  readonly #clear: readonly StatementSync[];
  #lastVid: number;

  constructor(db: DatabaseSync, dictionary: Dictionary) {
    this.#dictionary = dictionary;
    this.#find = db.prepare('SELECT rid, version FROM resource WHERE type = ? AND id = ?');
    this.#addResource = db.prepare(
      'INSERT INTO resource (rid, type, id, version, vid, deleted, last_updated) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#moveResource = db.prepare(
      'UPDATE resource SET version = ?, vid = ?, deleted = ?, last_updated = ? WHERE rid = ?',
    );
    this.#addVersion = db.prepare(
      `INSERT INTO version (vid, rid, version, deleted, last_updated, method, leaf, patients, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#lastVid = Number(db.prepare('SELECT max(vid) AS last FROM version').get()?.last ?? 0);
    const insert = (kind: EntryKind) =>
      db.prepare(
        `INSERT OR IGNORE INTO ${entryTables[kind].table} VALUES (${Array(columns[kind]).fill('?').join(', ')})`,
      );
    this.#addEntry = Object.fromEntries(kinds.map((kind) => [kind, insert(kind)])) as Record<
      EntryKind,
      StatementSync
    >;
    this.#clear = kinds.map((kind) =>
      db.prepare(`DELETE FROM ${entryTables[kind].table} WHERE rid = ?`),
    );
  }

  /** @throws StoreConflict unless the version follows the current one */
  write(version: VersionWrite): void {
    const row = this.#find.get(version.type, version.id);
    if (version.version !== Number(row?.version ?? 0) + 1) {
      throw new StoreConflict('Another version of the resource was written first');
    }
    const { type, id, lastUpdated } = version;
    const deleted = version.deleted ? 1 : 0;
    const vid = ++this.#lastVid;
    // A resource is numbered by its first version.
    const rid = row ? Number(row.rid) : vid;
    if (row) this.#moveResource.run(version.version, vid, deleted, lastUpdated, rid);
    else this.#addResource.run(rid, type, id, version.version, vid, deleted, lastUpdated);
    const patients = JSON.stringify(version.patients);
    this.#addVersion.run(
      vid,
      rid,
      version.version,
      deleted,
      lastUpdated,
      version.method,
      version.leaf,
      patients,
      version.body,
    );
    if (row) for (const clear of this.#clear) clear.run(rid);
    if (!version.deleted) this.#index(rid, version);
  }

  #index(rid: number, version: VersionWrite): void {
    for (const entry of version.index) this.#addIndexEntry(rid, version.type, entry);
    const param = this.#dictionary.internParam(version.type, '', 'patient');
    const patients = version.patients.length === 0 ? [noPatient] : version.patients;
    for (const patient of patients) this.#addEntry.patient.run(rid, param, patient);
  }

  #addIndexEntry(rid: number, type: string, entry: IndexEntry): void {
    const param = this.#dictionary.internParam(type, entry.param, entry.kind);
    const add = this.#addEntry[entry.kind];
    switch (entry.kind) {
      case 'token':
        add.run(rid, param, entry.code, this.#dictionary.internTerm(entry.system));
        return;
      case 'string':
        add.run(rid, param, entry.folded, entry.value);
        return;
      case 'date': {
        const range = dateRange(entry.from, entry.to);
        add.run(rid, param, range.low, range.high);
        return;
      }
      case 'reference':
        add.run(rid, param, entry.target);
        return;
      case 'uri':
        add.run(rid, param, entry.value);
        return;
      case 'number': {
        const range = numberRange(entry.low, entry.high);
        add.run(rid, param, range.low, range.high);
        return;
      }
      case 'quantity': {
        const range = numberRange(entry.low, entry.high);
        const system = this.#dictionary.internTerm(entry.system);
        add.run(rid, param, range.low, range.high, system, this.#dictionary.internTerm(entry.code));
      }
    }
  }
}
