/** What files of schema 1 were made with. */
export const firstSchema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE param (
  id INTEGER PRIMARY KEY, type TEXT NOT NULL, code TEXT NOT NULL, kind TEXT NOT NULL,
  UNIQUE (type, code, kind)) STRICT;
CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL,
  version INTEGER NOT NULL, vid INTEGER NOT NULL, deleted INTEGER NOT NULL, last_updated INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX resource_by_id ON resource (type, id);
CREATE INDEX resource_by_time ON resource (type, last_updated, id) WHERE deleted = 0;
CREATE TABLE version (
  vid INTEGER PRIMARY KEY, rid INTEGER NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
  last_updated INTEGER NOT NULL, method TEXT NOT NULL, leaf TEXT NOT NULL, patients TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX version_by_number ON version (rid, version);

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

CREATE TABLE record (
  collection TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (collection, key)) STRICT, WITHOUT ROWID;

CREATE TABLE leaf (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT,
  bytes BLOB NOT NULL, hash BLOB NOT NULL, salt BLOB NOT NULL, content BLOB, position INTEGER) STRICT;
CREATE INDEX leaf_queued ON leaf (seq, id, hash) WHERE position IS NULL;
CREATE INDEX leaf_by_position ON leaf (position, hash) WHERE position IS NOT NULL;
CREATE INDEX leaf_by_access ON leaf (subject, seq)
  WHERE subject IS NOT NULL AND kind IN ('disclosure', 'denial');
CREATE TABLE batch (
  first_index INTEGER PRIMARY KEY, tx_id TEXT NOT NULL, signed BLOB NOT NULL, count INTEGER NOT NULL, size INTEGER) STRICT;
CREATE UNIQUE INDEX batch_under_way ON batch ((size IS NULL)) WHERE size IS NULL;
`;
