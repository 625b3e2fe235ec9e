import { dateRange, numberRange } from '../../search/compare.ts';
import type { IndexEntry } from '../../search/query.ts';
import type { StoredVersion, VersionWrite } from '../resource-store.ts';

/** Index entry with a text: `v` is the code, folded text, target, value or patient; `w` the system of a token. */
export interface TextEntry {
  readonly p: string;
  readonly v: string;
  readonly w?: string | null;
}

/** Index entry with a range [l, h); `s` and `c` are system and unit of a quantity. */
export interface RangeEntry {
  readonly p: string;
  readonly l: number;
  readonly h: number;
  readonly s?: string | null;
  readonly c?: string | null;
}

export interface VersionFields {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly lastUpdated: number;
  readonly method: StoredVersion['method'];
  readonly body: Uint8Array;
  readonly patients: readonly string[];
  readonly leaf: string;
}

/** Collection `resources`: the current version of each, with its index. `_id` is `Type/id`. */
export interface ResourceDocument extends VersionFields {
  readonly _id: string;
  readonly e: readonly TextEntry[];
  readonly r: readonly RangeEntry[];
}

/** Collection `versions`: what was replaced. `_id` is `Type/id/version`. */
export interface VersionDocument extends VersionFields {
  readonly _id: string;
  readonly resource: string;
}

/** Stands among the patients of the index for a resource that concerns none. */
export const noPatient = '';

const kinds: readonly IndexEntry['kind'][] = [
  'token',
  'string',
  'date',
  'reference',
  'uri',
  'number',
  'quantity',
];

/** Names a parameter's entries of one kind; `exact` repeats strings unfolded, `patient` has no parameter. */
export function entryKey(
  type: string,
  kind: IndexEntry['kind'] | 'exact' | 'patient',
  param: string,
): string {
  return `${type}?${kind}:${param}`;
}

/** Under all these names a parameter may have entries. */
export function entryKeys(type: string, param: string): readonly string[] {
  return kinds.map((kind) => entryKey(type, kind, param));
}

export function resourceKey(type: string, id: string): string {
  return `${type}/${id}`;
}

export function resourceDocument(version: VersionWrite): ResourceDocument {
  const { type, id } = version;
  const index = version.deleted ? [] : version.index;
  const patients = version.patients.length === 0 ? [noPatient] : version.patients;
  const patientKey = entryKey(type, 'patient', '');
  return {
    _id: resourceKey(type, id),
    ...versionFields(version),
    e: [
      ...index.flatMap((entry) => textEntries(type, entry)),
      ...(version.deleted ? [] : patients.map((patient) => ({ p: patientKey, v: patient }))),
    ],
    r: index.flatMap((entry) => rangeEntries(type, entry)),
  };
}

function versionFields(version: StoredVersion): VersionFields {
  const { type, id, deleted, lastUpdated, method, body, patients, leaf } = version;
  return { type, id, version: version.version, deleted, lastUpdated, method, body, patients, leaf };
}

export function supersededDocument(current: VersionFields): VersionDocument {
  const resource = resourceKey(current.type, current.id);
  return { _id: `${resource}/${current.version}`, resource, ...versionFields(current) };
}

export function storedVersion(document: VersionFields): StoredVersion {
  return versionFields(document);
}

function textEntries(type: string, entry: IndexEntry): readonly TextEntry[] {
  const p = entryKey(type, entry.kind, entry.param);
  switch (entry.kind) {
    case 'token':
      return [{ p, v: entry.code, w: entry.system }];
    case 'string':
      return [
        { p, v: entry.folded },
        { p: entryKey(type, 'exact', entry.param), v: entry.value },
      ];
    case 'reference':
      return [{ p, v: entry.target }];
    case 'uri':
      return [{ p, v: entry.value }];
    default:
      return [];
  }
}

function rangeEntries(type: string, entry: IndexEntry): readonly RangeEntry[] {
  const p = entryKey(type, entry.kind, entry.param);
  switch (entry.kind) {
    case 'date': {
      const { low, high } = dateRange(entry.from, entry.to);
      return [{ p, l: low, h: high }];
    }
    case 'number': {
      const { low, high } = numberRange(entry.low, entry.high);
      return [{ p, l: low, h: high }];
    }
    case 'quantity': {
      const { low, high } = numberRange(entry.low, entry.high);
      return [{ p, l: low, h: high, s: entry.system, c: entry.code }];
    }
    default:
      return [];
  }
}
