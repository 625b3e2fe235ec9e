import type { DatabaseSync } from 'node:sqlite';
import type { Assignment } from '../version-store.ts';
import type { Dictionary } from './dictionary.ts';
import { FOREVER } from './schema.ts';
import { prepareAll } from './statements.ts';
import type { Prepared } from './statements.ts';
import { NO_PATIENT } from './write-versions.ts';

const PER_BATCH = 500;

/** A batch of versions that were looked at. */
export interface Looked {
  readonly assigned: number;
  /** Number of the last of them; undefined when there are no more. */
  readonly last: number | undefined;
}

/** Replaces whom versions concern, inside the caller's transaction. */
export class PatientWriter {
  readonly #dictionary: Dictionary;
  readonly #sql: Prepared<typeof STATEMENTS>;

  constructor(db: DatabaseSync, dictionary: Dictionary) {
    this.#dictionary = dictionary;
    this.#sql = prepareAll(db, STATEMENTS);
  }

  assign({ type, id, version, before, patients }: Assignment): void {
    const row = this.#sql.find.get(type, id, version);
    if (row === undefined || row.patients !== JSON.stringify(before)) return;
    this.#replace({ type, vid: Number(row.vid) }, patients);
  }

  /** Looks at some versions that concern nobody, from a number on. */
  assignUnowned(types: ReadonlySet<string>, patient: string, after: number): Looked {
    const rows = this.#sql.unowned.all(NO_PATIENT, after, PER_BATCH);
    const meant = rows.filter(({ type }) => types.has(String(type)));
    for (const { vid, type } of meant) {
      this.#replace({ type: String(type), vid: Number(vid) }, [patient]);
    }
    const last = rows.at(-1)?.vid;
    return { assigned: meant.length, last: last === undefined ? undefined : Number(last) };
  }

  #replace(
    { type, vid }: { readonly type: string; readonly vid: number },
    patients: readonly string[],
  ): void {
    const noted = patients.length === 0 ? [NO_PATIENT] : patients;
    const before = JSON.parse(String(this.#sql.patients.get(vid)?.patients)) as readonly string[];
    this.#sql.set.run(JSON.stringify(patients), vid);
    for (const patient of before.length === 0 ? [NO_PATIENT] : before) {
      this.#sql.dropChange.run(patient, vid);
    }
    for (const patient of noted) this.#sql.addChange.run(patient, vid);
    const indexed = this.#sql.indexed.get(vid);
    if (indexed === undefined) return;
    const param = this.#dictionary.internParam(type, '', 'patient');
    const rid = Number(indexed.rid);
    this.#sql.dropEntries.run(rid, param);
    for (const patient of noted) this.#sql.addEntry.run(rid, param, patient);
  }
}

const STATEMENTS = {
  find: `SELECT v.vid, v.patients FROM resource r JOIN version v ON v.rid = r.number
    WHERE r.type = ? AND r.id = ? AND r.until = ${FOREVER} AND v.version = ?`,
  unowned: `SELECT p.vid, (SELECT type FROM resource r WHERE r.number = v.rid LIMIT 1) AS type
    FROM patient_change p JOIN version v ON v.vid = p.vid
    WHERE p.patient = ? AND p.vid > ? ORDER BY p.vid LIMIT ?`,
  patients: 'SELECT patients FROM version WHERE vid = ?',
  set: 'UPDATE version SET patients = ? WHERE vid = ?',
  // Versions that no search can show any more have no row there, and deletions have no entries.
  indexed: `SELECT r.rid FROM version v JOIN resource r ON r.number = v.rid AND r.vid = v.vid
    WHERE v.vid = ? AND r.deleted = 0`,
  dropChange: 'DELETE FROM patient_change WHERE patient = ? AND vid = ?',
  addChange: 'INSERT OR IGNORE INTO patient_change (patient, vid) VALUES (?, ?)',
  dropEntries: 'DELETE FROM patient_entry WHERE rid = ? AND param = ?',
  addEntry: 'INSERT OR IGNORE INTO patient_entry (rid, param, patient) VALUES (?, ?, ?)',
} as const;
