import {
  belowPrefix,
  compareText,
  comparisons,
  dateRange,
  numberRange,
  urisAbove,
} from './compare.ts';
import type { Range } from './compare.ts';
import type { Filter, IndexEntry, PartEntry } from './query.ts';
import { withinChord } from './sphere.ts';

type Criterion = Extract<Filter, { readonly op: IndexEntry['kind'] | 'codes' | 'near' }>;

type SingleCriterion = Extract<Filter, { readonly op: PartEntry['kind'] }>;

/** Tells whether an entry of the parameter is of the criterion's kind and satisfies it. */
export function holds(entry: IndexEntry, criterion: Criterion): boolean {
  switch (criterion.op) {
    case 'codes':
      return (
        entry.kind === 'token' &&
        criterion.lists.some(
          ({ system, codes }) =>
            (system === undefined || system === entry.system) && codes.includes(entry.code),
        )
      );
    case 'composite':
      return (
        entry.kind === 'composite' &&
        criterion.parts.every((part, i) => {
          const value = entry.parts[i];
          return value !== undefined && valueHolds(value, part);
        })
      );
    case 'near':
      return entry.kind === 'position' && withinChord(entry, criterion);
    case 'text':
      return entry.kind === 'text' && ` ${entry.words} `.includes(` ${criterion.words} `);
    default:
      return valueHolds(entry, criterion);
  }
}

function valueHolds(entry: IndexEntry, criterion: SingleCriterion): boolean {
  switch (criterion.op) {
    case 'token':
      return entry.kind === 'token' && codeHolds(entry, criterion) === !criterion.unequal;
    case 'string':
      return entry.kind === 'string' && stringHolds(entry, criterion);
    case 'date':
      return entry.kind === 'date' && dateHolds(entry, criterion);
    case 'reference':
      return entry.kind === 'reference' && entry.target === criterion.target;
    case 'uri':
      return entry.kind === 'uri' && uriHolds(entry.value, criterion);
    case 'number':
      return entry.kind === 'number' && numberHolds(entry, criterion);
    case 'quantity':
      return (
        entry.kind === 'quantity' && numberHolds(entry, criterion) && codeHolds(entry, criterion)
      );
  }
}

function codeHolds(
  entry: { readonly system: string | null; readonly code: string | null },
  criterion: { readonly system?: string | null; readonly code?: string },
): boolean {
  return (
    (criterion.system === undefined || criterion.system === entry.system) &&
    (criterion.code === undefined || criterion.code === entry.code)
  );
}

function dateHolds(
  entry: Extract<IndexEntry, { kind: 'date' }>,
  criterion: Extract<Filter, { op: 'date' }>,
): boolean {
  const { prefix, from, to } = criterion;
  return comparisons[prefix](dateRange(entry.from, entry.to), dateRange(from, to));
}

function stringHolds(
  entry: Extract<IndexEntry, { kind: 'string' }>,
  criterion: Extract<Filter, { op: 'string' }>,
): boolean {
  const { match, value } = criterion;
  switch (match) {
    case 'exact':
      return entry.value === value;
    case 'prefix':
      return entry.folded.startsWith(value);
    case 'contains':
      return entry.folded.includes(value);
    case 'suffix':
      return entry.folded.endsWith(value);
    case 'equal':
      return entry.folded === value;
    case 'less':
      return compareText(entry.folded, value) < 0;
    case 'greater':
      return compareText(entry.folded, value) > 0;
  }
}

function uriHolds(value: string, criterion: Extract<Filter, { op: 'uri' }>): boolean {
  if (criterion.match === 'above') return urisAbove(criterion.value).includes(value);
  if (value === criterion.value) return true;
  return criterion.match === 'below' && value.startsWith(belowPrefix(criterion.value));
}

function numberHolds(
  entry: Range,
  criterion: Extract<Filter, { op: 'number' | 'quantity' }>,
): boolean {
  return comparisons[criterion.prefix](
    numberRange(entry.low, entry.high),
    numberRange(criterion.low, criterion.high),
  );
}
