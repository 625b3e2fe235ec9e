import type { IndexEntry } from '../../search/query.ts';

/** Marks our files: "CSL1". */
export const APPLICATION_ID = 0x43534c31;
export const SCHEMA_VERSION = 3;

/** `resource.until` of what is current. */
export const FOREVER = Number.MAX_SAFE_INTEGER;

/** Kinds of index tables: one per kind of entry, and one for the patients whose compartments hold the resource. */
export type EntryKind = Exclude<IndexEntry['kind'], 'text'> | 'patient';

/** Says what `param` has: kinds of entries, and the mark of a type of contained resources. */
export type ParamKind = EntryKind | 'contained';

/** Kinds that resources can be sorted by. */
export type SortableKind = Exclude<EntryKind, 'composite' | 'position'>;

/** Table of a kind, the column it is sorted by, and the index that has its rows in that order. */
export const ENTRY_TABLES: Readonly<
  Record<SortableKind, { table: string; sortColumn: string; sortIndex: string }> &
    Record<EntryKind, { table: string }>
> = {
  token: { table: 'token_entry', sortColumn: 'code', sortIndex: 'token_by_value' },
  string: { table: 'string_entry', sortColumn: 'folded', sortIndex: 'string_by_folded' },
  date: { table: 'date_entry', sortColumn: 'low', sortIndex: 'date_by_low' },
  reference: { table: 'reference_entry', sortColumn: 'target', sortIndex: 'reference_by_target' },
  uri: { table: 'uri_entry', sortColumn: 'value', sortIndex: 'uri_by_value' },
  number: { table: 'number_entry', sortColumn: 'low', sortIndex: 'number_by_low' },
  quantity: { table: 'quantity_entry', sortColumn: 'low', sortIndex: 'quantity_by_low' },
  patient: { table: 'patient_entry', sortColumn: 'patient', sortIndex: 'patient_by_id' },
  composite: { table: 'composite_entry' },
  position: { table: 'position_entry' },
};

/**
 * A table of entries, to be entered by its primary key: the resource. Told so by name, because SQLite otherwise makes a join
 * of an EXISTS and walks the index of the values for every candidate, even where NOT INDEXED forbids it.
 */
export function byResource(table: string, alias = ''): string {
  return `${table} ${alias} INDEXED BY sqlite_autoindex_${table}_1`;
}

/** The table of the milestones of the log has the name that files of earlier versions have. */
export const MILESTONES = 'landmark';

/**
 * A composite entry is a row of its parts' columns, numbered by part; what a part's kind does not have is 0. In what R4
 * defines the first part is a token, whose code and the next part's first value lead the index. Files of earlier versions
 * get these tables when they are opened.
 *
 * Contained resources are numbered downwards from -1, for the rows of their own entries, whose parameters are those of a
 * type `<container's>#<theirs>`; `contained.param` is that type's of kind 'contained'.
 *
 * The table `landmark`: see milestones.ts.
 */
export const LATER_TABLES = `
CREATE TABLE IF NOT EXISTS composite_entry (
  rid INTEGER, param INTEGER,
  a1 ANY, b1 ANY, c1 INTEGER, d1 INTEGER, a2 ANY, b2 ANY, c2 INTEGER, d2 INTEGER, a3 ANY, b3 ANY, c3 INTEGER, d3 INTEGER,
  PRIMARY KEY (rid, param, a1, b1, c1, d1, a2, b2, c2, d2, a3, b3, c3, d3)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS composite_by_value
  ON composite_entry (param, a1, a2, b1, b2, c1, d1, c2, d2, a3, b3, c3, d3, rid);
CREATE TABLE IF NOT EXISTS position_entry (
  rid INTEGER, param INTEGER, x REAL, y REAL, z REAL,
  PRIMARY KEY (rid, param, x, y, z)) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS text_index USING fts5(
  type, narrative, content, content='', contentless_delete=1, tokenize='ascii');
CREATE INDEX IF NOT EXISTS position_by_x ON position_entry (param, x, y, z, rid);
CREATE TABLE IF NOT EXISTS contained (
  rid INTEGER PRIMARY KEY, container INTEGER NOT NULL, param INTEGER NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS contained_by_container ON contained (container, param, place, id);
CREATE INDEX IF NOT EXISTS contained_by_id ON contained (param, id, container);
CREATE TABLE IF NOT EXISTS ${MILESTONES} (vid INTEGER PRIMARY KEY, reach INTEGER NOT NULL, floor INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS ${MILESTONES}_by_reach ON ${MILESTONES} (reach, vid);
CREATE INDEX IF NOT EXISTS ${MILESTONES}_by_floor ON ${MILESTONES} (floor, vid);
`;

/**
 * One row for each version that some search may still show: the current one of each resource, and those that were current
 * lately. `vid`, by which all versions are numbered in the order of their commits, is when it became current, `until` when
 * it ceased to be; `number` is the resource's, which all its versions have.
 */
export const RESOURCE_INDEXES = `
CREATE UNIQUE INDEX resource_by_id ON resource (type, id, until);
CREATE INDEX resource_by_time ON resource (type, last_updated, id) WHERE deleted = 0 AND until = ${FOREVER};
CREATE INDEX resource_past_by_time ON resource (type, last_updated, id) WHERE deleted = 0 AND until < ${FOREVER};
CREATE INDEX resource_by_number ON resource (number);
CREATE INDEX resource_past ON resource (until) WHERE until < ${FOREVER};
`;

/** All versions by type and by patient, in the order of their commits; patient '' stands for none. */
export const CHANGE_TABLES = `
CREATE TABLE type_change (type TEXT, vid INTEGER, PRIMARY KEY (type, vid)) STRICT, WITHOUT ROWID;
CREATE TABLE patient_change (patient TEXT, vid INTEGER, PRIMARY KEY (patient, vid)) STRICT, WITHOUT ROWID;
`;

/** Places of accesses in the chains of their subjects. Only what earlier versions forked has another `fork` than 0. */
export const CHAIN_INDEX = `
CREATE UNIQUE INDEX leaf_by_chain ON leaf (subject, chain, fork) WHERE chain IS NOT NULL;
`;

/**
 * Each index table is kept twice: by resource (the primary key, which tests a candidate and finds its sort value, and to which new
 * resources append) and by value (which finds candidates). Both cover every query. Parameters, systems and units are
 * interned: `param` and `term` map them to small integers; term 0 stands for none.
 */
export const SCHEMA = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE param (
  id INTEGER PRIMARY KEY, type TEXT NOT NULL, code TEXT NOT NULL, kind TEXT NOT NULL,
  UNIQUE (type, code, kind)) STRICT;
CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL,
  version INTEGER NOT NULL, vid INTEGER NOT NULL, deleted INTEGER NOT NULL, last_updated INTEGER NOT NULL,
  number INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
${RESOURCE_INDEXES}
CREATE TABLE version (
  vid INTEGER PRIMARY KEY, rid INTEGER NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
  last_updated INTEGER NOT NULL, method TEXT NOT NULL, leaf TEXT NOT NULL, patients TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX version_by_number ON version (rid, version);
${CHANGE_TABLES}

CREATE TABLE token_entry (
  rid INTEGER, param INTEGER, code TEXT, system INTEGER,
  PRIMARY KEY (rid, param, code, system)) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_value ON token_entry (param, code, system, rid);
CREATE TABLE string_entry (
  rid INTEGER, param INTEGER, folded TEXT, value TEXT,
  PRIMARY KEY (rid, param, folded, value)) STRICT, WITHOUT ROWID;
CREATE INDEX string_by_folded ON string_entry (param, folded, value, rid);
CREATE INDEX string_by_value ON string_entry (param, value, rid);
CREATE TABLE date_entry (
  rid INTEGER, param INTEGER, low INTEGER, high INTEGER,
  PRIMARY KEY (rid, param, low, high)) STRICT, WITHOUT ROWID;
CREATE INDEX date_by_low ON date_entry (param, low, high, rid);
CREATE INDEX date_by_high ON date_entry (param, high, low, rid);
CREATE TABLE reference_entry (
  rid INTEGER, param INTEGER, target TEXT,
  PRIMARY KEY (rid, param, target)) STRICT, WITHOUT ROWID;
CREATE INDEX reference_by_target ON reference_entry (param, target, rid);
CREATE TABLE uri_entry (
  rid INTEGER, param INTEGER, value TEXT,
  PRIMARY KEY (rid, param, value)) STRICT, WITHOUT ROWID;
CREATE INDEX uri_by_value ON uri_entry (param, value, rid);
CREATE TABLE number_entry (
  rid INTEGER, param INTEGER, low REAL, high REAL,
  PRIMARY KEY (rid, param, low, high)) STRICT, WITHOUT ROWID;
CREATE INDEX number_by_low ON number_entry (param, low, high, rid);
CREATE INDEX number_by_high ON number_entry (param, high, low, rid);
CREATE TABLE quantity_entry (
  rid INTEGER, param INTEGER, low REAL, high REAL, system INTEGER, code INTEGER,
  PRIMARY KEY (rid, param, low, high, system, code)) STRICT, WITHOUT ROWID;
CREATE INDEX quantity_by_low ON quantity_entry (param, low, high, system, code, rid);
CREATE INDEX quantity_by_high ON quantity_entry (param, high, low, system, code, rid);
CREATE TABLE patient_entry (
  rid INTEGER, param INTEGER, patient TEXT,
  PRIMARY KEY (rid, param, patient)) STRICT, WITHOUT ROWID;
CREATE INDEX patient_by_id ON patient_entry (param, patient, rid);

${LATER_TABLES}
CREATE TABLE record (
  collection TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (collection, key)) STRICT, WITHOUT ROWID;

CREATE TABLE leaf (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT,
  bytes BLOB NOT NULL, hash BLOB NOT NULL, salt BLOB NOT NULL, content BLOB, position INTEGER,
  chain INTEGER, fork INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX leaf_queued ON leaf (seq, id, hash) WHERE position IS NULL;
CREATE INDEX leaf_by_position ON leaf (position, hash) WHERE position IS NOT NULL;
${CHAIN_INDEX}
CREATE TABLE batch (
  first_index INTEGER PRIMARY KEY, tx_id TEXT NOT NULL, signed BLOB NOT NULL, count INTEGER NOT NULL, size INTEGER) STRICT;
CREATE UNIQUE INDEX batch_under_way ON batch ((size IS NULL)) WHERE size IS NULL;
`;
