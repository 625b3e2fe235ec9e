import type { DatabaseSync } from 'node:sqlite';
import { CHANGE_TABLES, FOREVER, RESOURCE_INDEXES, SCHEMA_VERSION } from './schema.ts';

/** Brings a file of an earlier version up to date, inside the caller's transaction. */
export function migrate(db: DatabaseSync, from: number): void {
  if (from === SCHEMA_VERSION) return;
  // From 1: a resource had one row, for its current version, and its rows in the index were those of that row.
  db.exec(`ALTER TABLE resource ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE resource ADD COLUMN until INTEGER NOT NULL DEFAULT ${FOREVER};
    UPDATE resource SET number = rid;
    DROP INDEX resource_by_id;
    DROP INDEX resource_by_time;
    ${RESOURCE_INDEXES}
    ${CHANGE_TABLES}
    INSERT INTO type_change SELECT r.type, v.vid FROM version v JOIN resource r ON r.number = v.rid;
    INSERT INTO patient_change SELECT p.value, v.vid FROM version v, json_each(v.patients) p;
    INSERT INTO patient_change SELECT '', vid FROM version WHERE patients = '[]';
    INSERT INTO meta (name, value) VALUES ('horizon', 0);
    PRAGMA user_version = ${SCHEMA_VERSION}`);
}
