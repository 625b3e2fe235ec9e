import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { dateRange, numberRange } from '../../search/compare.ts';
import { betweenValues } from '../../search/indexing/index-text.ts';
import type { ContainedIndex, IndexEntry, PartEntry } from '../../search/query.ts';
import { StoreConflict } from '../errors.ts';
import type { VersionWrite } from '../version-store.ts';
import type { Dictionary } from './dictionary.ts';
import { LogMarks } from './log-marks.ts';
import { ENTRY_TABLES, FOREVER } from './schema.ts';
import type { EntryKind } from './schema.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';

const PARTS_OF_COMPOSITE = 3;
const COLUMNS_OF_PART = 4;

/** Stands in `patient_entry` for a resource that concerns no patient. */
export const NO_PATIENT = '';

const COLUMNS: Readonly<Record<EntryKind, number>> = {
  token: 4,
  string: 4,
  date: 4,
  reference: 3,
  uri: 3,
  number: 4,
  quantity: 6,
  patient: 3,
  composite: 14,
  position: 5,
};
const KINDS = Object.keys(COLUMNS) as EntryKind[];

/** Writes versions and their index rows, inside the caller's transaction. */
export class VersionWriter {
  readonly #dictionary: Dictionary;
  readonly #marks: LogMarks;
  readonly #sql: Prepared<typeof STATEMENTS>;
  readonly #addEntry: Readonly<Record<EntryKind, StatementSync>>;
  readonly #clear: readonly StatementSync[];
  #lastVid = 0;
  #lastContained = 0;

  constructor(db: DatabaseSync, dictionary: Dictionary) {
    this.#dictionary = dictionary;
    this.#marks = new LogMarks(db);
    this.#sql = prepareAll(db, STATEMENTS);
    this.refresh();
    this.#clear = KINDS.map((kind) =>
      db.prepare(`DELETE FROM ${ENTRY_TABLES[kind].table} WHERE rid = ?`),
    );
    const insert = (kind: EntryKind) =>
      db.prepare(
        `INSERT OR IGNORE INTO ${ENTRY_TABLES[kind].table} VALUES (${Array(COLUMNS[kind]).fill('?').join(', ')})`,
      );
    this.#addEntry = Object.fromEntries(KINDS.map((kind) => [kind, insert(kind)])) as Record<
      EntryKind,
      StatementSync
    >;
  }

  /** Goes on from what is written. */
  refresh(): void {
    this.#lastVid = Number(this.#sql.lastVid.get()?.last ?? 0);
    this.#lastContained = Number(this.#sql.lastContained.get()?.last ?? 0);
    this.#marks.refresh();
  }

  /** Forgets what was written last. */
  rolledBack(): void {
    this.#marks.refresh();
  }

  /** @throws StoreConflict unless the version follows the current one */
  write(version: VersionWrite): void {
    const { type, id, lastUpdated, patients, method, leaf, body } = version;
    const row = this.#sql.find.get(type, id);
    const number = version.version;
    if (number !== Number(row?.version ?? 0) + 1) {
      throw new StoreConflict('Another version of the resource was written first');
    }
    const deleted = version.deleted ? 1 : 0;
    const vid = ++this.#lastVid;
    // A resource is numbered by its first version. What it replaces stays in the index until no page can show it any more.
    const resource = row ? Number(row.number) : vid;
    if (row) this.#sql.end.run(vid, Number(row.rid));
    this.#sql.begin.run(vid, type, id, number, vid, deleted, lastUpdated, resource, FOREVER);
    const named = JSON.stringify(patients);
    this.#sql.add.run(vid, resource, number, deleted, lastUpdated, method, leaf, named, body);
    this.#marks.written(vid, lastUpdated);
    this.#sql.addToType.run(type, vid);
    for (const patient of patientsOf(version)) this.#sql.addToPatient.run(patient, vid);
    if (!version.deleted) this.#index(vid, version);
  }

  /** Puts a new index in the place of that of a version, if it is current. */
  reindex(version: VersionWrite): void {
    const row = this.#sql.find.get(version.type, version.id);
    if (row?.version !== version.version || version.deleted) return;
    const rid = Number(row.rid);
    const contained = this.#sql.inside.all(rid).map((inside) => Number(inside.rid));
    for (const each of [rid, ...contained]) for (const clear of this.#clear) clear.run(each);
    this.#sql.dropText.run(rid);
    if (contained.length > 0) this.#sql.dropInside.run(rid);
    // Whom it concerns may have been found out since the version was read.
    const patients = JSON.parse(String(row.patients)) as string[];
    this.#index(rid, { ...version, patients });
  }

  #index(rid: number, version: VersionWrite): void {
    const texts = new Map<string, string>();
    for (const entry of version.index) {
      if (entry.kind === 'text') {
        const before = texts.get(entry.param);
        const words = before === undefined ? [] : [before, betweenValues];
        texts.set(entry.param, [...words, entry.words].join(' '));
      } else this.#addIndexEntry(rid, version.type, entry);
    }
    if (texts.size > 0) {
      const [narrative = '', content = ''] = ['_text', '_content'].map((name) => texts.get(name));
      this.#sql.addText.run(rid, version.type, narrative, content);
    }
    const param = this.#dictionary.internParam(version.type, '', 'patient');
    for (const patient of patientsOf(version)) this.#addEntry.patient.run(rid, param, patient);
    for (const one of version.inside ?? []) this.#indexInside(rid, version.type, one);
  }

  #indexInside(container: number, within: string, one: ContainedIndex): void {
    const rid = --this.#lastContained;
    const type = insideType(within, one.type);
    const param = this.#dictionary.internParam(type, '', 'contained');
    this.#sql.addInside.run(rid, container, param, one.place, one.id);
    for (const entry of one.index) {
      if (entry.kind !== 'text') this.#addIndexEntry(rid, type, entry);
    }
  }

  #addIndexEntry(rid: number, type: string, entry: Exclude<IndexEntry, { kind: 'text' }>): void {
    const param = this.#dictionary.internParam(type, entry.param, entry.kind);
    const add = this.#addEntry[entry.kind];
    switch (entry.kind) {
      case 'composite': {
        const row: SQLInputValue[] = [rid, param];
        for (let n = 0; n < PARTS_OF_COMPOSITE; n++) {
          const part = this.#part(entry.parts[n]);
          for (let i = 0; i < COLUMNS_OF_PART; i++) row.push(part[i] ?? 0);
        }
        add.run(...row);
        return;
      }
      case 'position':
        add.run(rid, param, entry.x, entry.y, entry.z);
        return;
      default:
        add.run(rid, param, ...this.#part(entry));
    }
  }

  /** The columns of a single value. */
  #part(entry: PartEntry | undefined): SQLInputValue[] {
    switch (entry?.kind) {
      case undefined:
        return [];
      case 'token':
        return [entry.code, this.#dictionary.internTerm(entry.system)];
      case 'string':
        return [entry.folded, entry.value];
      case 'date': {
        const range = dateRange(entry.from, entry.to);
        return [range.low, range.high];
      }
      case 'reference':
        return [entry.target];
      case 'uri':
        return [entry.value];
      case 'number': {
        const range = numberRange(entry.low, entry.high);
        return [range.low, range.high];
      }
      case 'quantity': {
        const range = numberRange(entry.low, entry.high);
        const system = this.#dictionary.internTerm(entry.system);
        return [range.low, range.high, system, this.#dictionary.internTerm(entry.code)];
      }
    }
  }
}

/** Contained resources have a type of their own for each type of container. */
export function insideType(container: string, type: string): string {
  return `${container}#${type}`;
}

function patientsOf({ patients }: VersionWrite): readonly string[] {
  return patients.length === 0 ? [NO_PATIENT] : patients;
}

const STATEMENTS = {
  lastVid: 'SELECT max(vid) AS last FROM version',
  lastContained: 'SELECT min(rid) AS last FROM contained',
  find: `SELECT r.rid, r.version, r.number, v.patients FROM resource r JOIN version v ON v.vid = r.vid
    WHERE r.type = ? AND r.id = ? AND r.until = ${FOREVER}`,
  end: 'UPDATE resource SET until = ? WHERE rid = ?',
  begin: `INSERT INTO resource (rid, type, id, version, vid, deleted, last_updated, number, until)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  add: `INSERT INTO version (vid, rid, version, deleted, last_updated, method, leaf, patients, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  addText: 'INSERT INTO text_index (rowid, type, narrative, content) VALUES (?, ?, ?, ?)',
  dropText: 'DELETE FROM text_index WHERE rowid = ?',
  inside: 'SELECT rid FROM contained WHERE container = ?',
  addInside: 'INSERT INTO contained (rid, container, param, place, id) VALUES (?, ?, ?, ?, ?)',
  dropInside: 'DELETE FROM contained WHERE container = ?',
  addToType: 'INSERT INTO type_change (type, vid) VALUES (?, ?)',
  addToPatient: 'INSERT OR IGNORE INTO patient_change (patient, vid) VALUES (?, ?)',
} as const;
