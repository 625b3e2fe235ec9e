import { dateRange, numberRange } from '../../search/compare.ts';
import type { IndexEntry, PartEntry } from '../../search/query.ts';
import type { StoredVersion, VersionWrite } from '../resource-store.ts';

/** Index entry with a text: `v` is the code, folded text, target or value; `w` the system of a token. */
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

/** Columns of one part of a composite entry; what its kind does not have is absent. */
type PartFields<N extends 1 | 2 | 3> = Readonly<
  Partial<Record<`a${N}` | `b${N}` | `c${N}` | `d${N}`, string | number | null>>
>;

/** Composite index entry, parts numbered: `a` code, folded text, target, value or low; `b` system, text or high; `c`, `d` system and unit. */
export type CompositeEntry = { readonly p: string } & PartFields<1> & PartFields<2> & PartFields<3>;

/** Index entry with a point of the unit sphere. */
export interface PositionEntry {
  readonly p: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
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
  /** Place in the order in which versions were committed, from 1. */
  readonly seq: number;
}

/** What a version adds to the index. */
export interface IndexFields {
  readonly e: readonly TextEntry[];
  readonly r: readonly RangeEntry[];
  /** Patients it concerns, or `noPatient`, and patients it refers to. */
  readonly o?: readonly string[];
  /** Absent when there is none, as in documents of earlier versions. */
  readonly c?: readonly CompositeEntry[];
  readonly g?: readonly PositionEntry[];
  /** Each word of each text once. */
  readonly t?: readonly string[];
  /** The texts: their words between blanks. */
  readonly x?: readonly { readonly p: string; readonly v: string }[];
}

/** What they are called. */
export const indexFields = [
  'e',
  'r',
  'o',
  'c',
  'g',
  't',
  'x',
] as const satisfies readonly (keyof IndexFields)[];

/** A projection: everything else. */
export const withoutIndex: Readonly<Record<string, 0>> = Object.fromEntries(
  indexFields.map((field) => [field, 0]),
);

/** Collection `resources`: the current version of each, with its index. `_id` is `Type/id`. */
export interface ResourceDocument extends VersionFields, IndexFields {
  readonly _id: string;
}

/**
 * Collection `versions`: what was replaced. `_id` is `Type/id/version`, `resource` is `Type/id`. As long as pages of earlier
 * searches may show it, it keeps its index, and `until` is the place of the version that replaced it.
 */
export interface VersionDocument extends VersionFields, Partial<IndexFields> {
  readonly _id: string;
  readonly resource: string;
  readonly until?: number;
  /** When it was replaced, in ms since the epoch. */
  readonly ended: number;
}

/** Stands among the patients of the index for a resource that concerns none. */
export const noPatient = '';

const kinds: readonly PartEntry['kind'][] = [
  'token',
  'string',
  'date',
  'reference',
  'uri',
  'number',
  'quantity',
];

/** Names a parameter's entries of one kind; `exact` repeats strings unfolded. */
export function entryKey(type: string, kind: IndexEntry['kind'] | 'exact', param: string): string {
  return `${type}?${kind}:${param}`;
}

/** Under all these names a parameter may have entries that resources can be sorted by. */
export function entryKeys(type: string, param: string): readonly string[] {
  return kinds.map((kind) => entryKey(type, kind, param));
}

export function resourceKey(type: string, id: string): string {
  return `${type}/${id}`;
}

export function resourceDocument(version: VersionWrite, seq: number): ResourceDocument {
  const { type, id } = version;
  const index = version.deleted ? [] : version.index;
  return {
    _id: resourceKey(type, id),
    ...versionFields(version),
    seq,
    e: index.flatMap((entry) => textEntries(type, entry)),
    r: index.flatMap((entry) => rangeEntries(type, entry)),
    ...unlessEmpty('o', version.deleted ? [] : concernedPatients(version)),
    ...unlessEmpty(
      'c',
      index.flatMap((entry) => compositeEntries(type, entry)),
    ),
    ...unlessEmpty('t', [...new Set(index.flatMap((entry) => wordEntries(type, entry)))]),
    ...unlessEmpty(
      'x',
      index.flatMap((entry) =>
        entry.kind === 'text' ? [{ p: entry.param, v: ` ${entry.words} ` }] : [],
      ),
    ),
    ...unlessEmpty(
      'g',
      index.flatMap((entry) => positionEntries(type, entry)),
    ),
  };
}

function unlessEmpty<K extends string, T>(
  key: K,
  list: readonly T[],
): Partial<Record<K, readonly T[]>> {
  return list.length === 0 ? {} : ({ [key]: list } as Record<K, readonly T[]>);
}

function concernedPatients({ patients, index }: VersionWrite): readonly string[] {
  const referred = index.flatMap((entry) =>
    entry.kind === 'reference' ? (patientNamed(entry.target) ?? []) : [],
  );
  return [...new Set([...(patients.length === 0 ? [noPatient] : patients), ...referred])];
}

/** The id of the patient that a reference leads to. */
export function patientNamed(target: string): string | undefined {
  return /^Patient\/([^/]+)$/.exec(target)?.[1];
}

function versionFields(version: StoredVersion): StoredVersion {
  const { type, id, deleted, lastUpdated, method, body, patients, leaf } = version;
  return { type, id, version: version.version, deleted, lastUpdated, method, body, patients, leaf };
}

export function supersededDocument(
  current: ResourceDocument,
  by: Pick<VersionFields, 'seq' | 'lastUpdated'>,
): VersionDocument {
  const { _id: resource, ...rest } = current;
  const _id = `${resource}/${current.version}`;
  return { _id, resource, ...rest, until: by.seq, ended: by.lastUpdated };
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

/** Names a word of a text. */
export function wordKey(type: string, param: string, word: string): string {
  return `${type}?${param}=${word}`;
}

function wordEntries(type: string, entry: IndexEntry): readonly string[] {
  if (entry.kind !== 'text') return [];
  return entry.words.split(' ').map((word) => wordKey(type, entry.param, word));
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

function compositeEntries(type: string, entry: IndexEntry): readonly CompositeEntry[] {
  if (entry.kind !== 'composite') return [];
  const parts = entry.parts.map((part, i) =>
    partValues(part).map((value, column) => [partField(i + 1, column), value] as const),
  );
  return [{ p: entryKey(type, 'composite', entry.param), ...Object.fromEntries(parts.flat()) }];
}

/** Name of a part's column; parts count from 1, columns from 0. */
export function partField(part: number, column: number): string {
  return `${'abcd'[column] ?? ''}${part}`;
}

function partValues(entry: PartEntry): readonly (string | number | null)[] {
  switch (entry.kind) {
    case 'token':
      return [entry.code, entry.system];
    case 'string':
      return [entry.folded, entry.value];
    case 'date': {
      const { low, high } = dateRange(entry.from, entry.to);
      return [low, high];
    }
    case 'reference':
      return [entry.target];
    case 'uri':
      return [entry.value];
    case 'number':
    case 'quantity': {
      const { low, high } = numberRange(entry.low, entry.high);
      return entry.kind === 'number' ? [low, high] : [low, high, entry.system, entry.code];
    }
  }
}

function positionEntries(type: string, entry: IndexEntry): readonly PositionEntry[] {
  if (entry.kind !== 'position') return [];
  const { x, y, z } = entry;
  return [{ p: entryKey(type, 'position', entry.param), x, y, z }];
}
