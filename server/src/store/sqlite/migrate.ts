import type { DatabaseSync } from 'node:sqlite';
import { CHAIN_INDEX, CHANGE_TABLES, FOREVER, RESOURCE_INDEXES, SCHEMA_VERSION } from './schema.ts';

/** Brings a file of an earlier version up to date, inside the caller's transaction. */
export function migrate(db: DatabaseSync, from: number): void {
  if (from === SCHEMA_VERSION) return;
  if (from < 2) numberResources(db);
  if (from < 3) placeAccesses(db);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** In schema 1 a resource had one row, for its current version, and its rows in the index were those of that row. */
function numberResources(db: DatabaseSync): void {
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
    INSERT INTO meta (name, value) VALUES ('horizon', 0)`);
}

/** In schema 2 an access had its place in the chain of its subject in its own bytes alone. */
function placeAccesses(db: DatabaseSync): void {
  db.exec(`ALTER TABLE leaf ADD COLUMN chain INTEGER;
    ALTER TABLE leaf ADD COLUMN fork INTEGER NOT NULL DEFAULT 0;
    UPDATE leaf SET chain = json_extract(CAST(bytes AS TEXT), '$.seq')
      WHERE subject IS NOT NULL AND kind IN ('disclosure', 'denial') AND json_valid(CAST(bytes AS TEXT));
    UPDATE leaf SET fork = f.fork
      FROM (SELECT seq, row_number() OVER (PARTITION BY subject, chain ORDER BY seq) - 1 AS fork
        FROM leaf WHERE chain IS NOT NULL) f
      WHERE f.seq = leaf.seq AND f.fork > 0;
    DROP INDEX leaf_by_access;
    ${CHAIN_INDEX}`);
}
