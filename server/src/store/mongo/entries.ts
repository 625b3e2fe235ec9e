import { dateRange, numberRange } from '../../search/compare.ts';
import type { IndexEntry, PartEntry } from '../../search/query.ts';

/** Index entry with a text: `v` is the code, folded text, target or value; `w` the system of a token. */
interface TextEntry {
  readonly p: string;
  readonly v: string;
  readonly w?: string | null;
}

/** Index entry with a range [l, h); `s` and `c` are system and unit of a quantity. */
interface RangeEntry {
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
type CompositeEntry = { readonly p: string } & PartFields<1> & PartFields<2> & PartFields<3>;

/** Index entry with a point of the unit sphere. */
interface PositionEntry {
  readonly p: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Is what index entries turn into. */
export interface EntryFields {
  readonly e: readonly TextEntry[];
  readonly r: readonly RangeEntry[];
  /** Absent when there is none, as in documents of earlier versions. */
  readonly c?: readonly CompositeEntry[];
  readonly g?: readonly PositionEntry[];
}

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
  return sortLists(type, param).map(({ p }) => p);
}

/** A name of such entries, and the list in which they stand. */
export interface SortList {
  readonly list: 'e' | 'r';
  readonly p: string;
}

export function sortLists(type: string, param: string): readonly SortList[] {
  return kinds.map((kind) => ({
    list: kind === 'date' || kind === 'number' || kind === 'quantity' ? 'r' : 'e',
    p: entryKey(type, kind, param),
  }));
}

export function entryFields(type: string, index: readonly IndexEntry[]): EntryFields {
  return {
    e: index.flatMap((entry) => textEntries(type, entry)),
    r: index.flatMap((entry) => rangeEntries(type, entry)),
    ...unlessEmpty(
      'c',
      index.flatMap((entry) => compositeEntries(type, entry)),
    ),
    ...unlessEmpty(
      'g',
      index.flatMap((entry) => positionEntries(type, entry)),
    ),
  };
}

export function unlessEmpty<K extends string, T>(
  key: K,
  list: readonly T[],
): Partial<Record<K, readonly T[]>> {
  return list.length === 0 ? {} : ({ [key]: list } as Record<K, readonly T[]>);
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

export function wordEntries(type: string, entry: IndexEntry): readonly string[] {
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
