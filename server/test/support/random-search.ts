import fc from 'fast-check';
import type { Filter, IndexEntry, Prefix, SortKey } from '../../src/search/query.ts';
import type { VersionWrite } from '../../src/store/resource-store.ts';

/** Few values each, so that criteria meet entries; some chosen to confuse encodings, operators and orders of text. */
const texts = [
  'a',
  'ab',
  'abc',
  'b',
  '',
  '$gt',
  'a.b',
  '\u{FFFD}',
  '\u{1D49C}',
  "'",
  '%',
  '\\',
  'a\u0000b',
  '\u{10FFFF}',
  'é',
];
const systems = ['http://s', 'http://t', '', '$ne'];
const uris = ['http://a', 'http://a/b', 'http://a/b/', 'http://a/b/c', 'http://a/bc', 'urn:x', '/'];
const patients = ['p1', 'p2', 'p3'];
const prefixes: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

const param = fc.constantFrom('p', 'q');
const text = fc.constantFrom(...texts);
const system = fc.constantFrom(...systems);
const absentOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const range = fc
  .tuple(fc.integer({ min: -4, max: 12 }), fc.constantFrom(0, 0, 1, 2, 5))
  .map(([low, width]) => ({ low, high: low + width }));
const dates = fc.oneof(
  { weight: 5, arbitrary: range },
  fc.constantFrom(
    { low: -8.64e15, high: 5 },
    { low: 3, high: 8.64e15 },
    { low: -8.64e15, high: 8.64e15 },
  ),
);
const numbers = fc.oneof(
  { weight: 5, arbitrary: range },
  fc.constantFrom(
    { low: -Infinity, high: 5 },
    { low: 3, high: Infinity },
    { low: 0.1, high: 0.30000000000000004 },
  ),
);

/** One kind for each parameter name, as in FHIR, and one that several kinds share. */
const entry: fc.Arbitrary<IndexEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('token'),
    param: suffixed('token'),
    system: fc.option(system),
    code: text,
  }),
  fc.record({ kind: fc.constant('string'), param: suffixed('string'), value: text, folded: text }),
  fc.tuple(suffixed('date'), dates).map(([name, { low, high }]) => dateEntry(name, low, high)),
  fc.record({ kind: fc.constant('reference'), param: suffixed('reference'), target: text }),
  fc.record({ kind: fc.constant('uri'), param: suffixed('uri'), value: fc.constantFrom(...uris) }),
  fc.tuple(suffixed('number'), numbers).map(([name, bounds]) => numberEntry(name, bounds)),
  fc
    .tuple(suffixed('quantity'), numbers, fc.option(system), fc.option(text))
    .map(([name, bounds, unitSystem, code]) =>
      quantityEntry(name, bounds, { system: unitSystem, code }),
    ),
);

function suffixed(kind: IndexEntry['kind']): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: param.map((name) => `${kind}-${name}`) },
    fc.constant('mixed'),
  );
}

function dateEntry(name: string, from: number, to: number): IndexEntry {
  return { kind: 'date', param: name, from, to };
}

function numberEntry(name: string, bounds: { low: number; high: number }): IndexEntry {
  return { kind: 'number', param: name, ...bounds };
}

function quantityEntry(
  name: string,
  bounds: { low: number; high: number },
  unit: { system: string | null; code: string | null },
): IndexEntry {
  return { kind: 'quantity', param: name, ...bounds, ...unit };
}

const content = fc.record({
  lastUpdated: fc.integer({ min: 0, max: 6 }),
  index: fc.array(entry, { maxLength: 8 }),
  patients: fc.uniqueArray(fc.constantFrom(...patients)).map((ids) => ids.sort()),
});

const id = fc.constantFrom('a', 'B', 'c-1', 'c.2', '10', '9', 'Z', 'aa', 'ab', 'x', 'y', 'z');

export interface RandomResource {
  readonly first: Partial<VersionWrite> & { readonly id: string };
  /** What its second version changes, where it has one. */
  readonly second: Partial<VersionWrite> | undefined;
}

export const someResources: fc.Arbitrary<readonly RandomResource[]> = fc
  .uniqueArray(
    fc.tuple(id, content, fc.option(fc.tuple(content, fc.boolean()), { nil: undefined, freq: 3 })),
    { maxLength: 12, selector: ([name]) => name },
  )
  .map((all) =>
    all.map(([name, first, update]) => ({
      first: { id: name, ...first },
      second: update && {
        ...update[0],
        version: 2,
        deleted: update[1],
        ...(update[1] && { index: [] }),
      },
    })),
  );

const criterion: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .tuple(suffixed('token'), absentOr(fc.option(system)), absentOr(text))
    .map(([name, tokenSystem, code]) => ({
      op: 'token' as const,
      param: name,
      ...(tokenSystem !== undefined && { system: tokenSystem }),
      ...(code !== undefined && { code }),
    })),
  fc.record({
    op: fc.constant('string'),
    param: suffixed('string'),
    match: fc.constantFrom('prefix', 'exact', 'contains'),
    value: text,
  }),
  fc
    .tuple(suffixed('date'), fc.constantFrom(...prefixes), range)
    .map(([name, prefix, { low, high }]) => ({
      op: 'date' as const,
      param: name,
      prefix,
      from: low,
      to: high,
    })),
  fc.record({ op: fc.constant('reference'), param: suffixed('reference'), target: text }),
  fc.record({
    op: fc.constant('uri'),
    param: suffixed('uri'),
    match: fc.constantFrom('exact', 'below', 'above'),
    value: fc.constantFrom(...uris),
  }),
  fc
    .tuple(
      fc.constantFrom('number' as const, 'quantity' as const),
      param,
      fc.constantFrom(...prefixes),
      numbers,
      fc.tuple(absentOr(system), absentOr(text)),
    )
    .map(([op, name, prefix, bounds, [unitSystem, code]]) => ({
      op,
      param: `${op}-${name}`,
      prefix,
      ...bounds,
      ...(op === 'quantity' && unitSystem !== undefined && { system: unitSystem }),
      ...(op === 'quantity' && code !== undefined && { code }),
    })),
  fc.record({
    op: fc.constant('missing'),
    param: fc.constantFrom('token-p', 'date-p', 'string-q', 'mixed', 'unheard-of'),
    missing: fc.boolean(),
  }),
  fc.record({ op: fc.constant('id'), ids: fc.array(id, { maxLength: 4 }) }),
  fc
    .tuple(absentOr(fc.integer({ min: 0, max: 7 })), absentOr(fc.integer({ min: 0, max: 7 })))
    .map(([from, to]) => ({
      op: 'lastUpdated' as const,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    })),
  fc.record({
    op: fc.constant('patients'),
    mode: fc.constantFrom('in', 'not-in'),
    patients: fc.subarray([...patients, 'p9']),
  }),
);

export const someFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: criterion },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('and'),
        all: fc.array(tie('filter'), { maxLength: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('or'),
        any: fc.array(tie('filter'), { maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('not'), filter: tie('filter') }) },
  ),
})).filter;

export const someSort: fc.Arbitrary<readonly SortKey[]> = fc.array(
  fc.record({
    param: fc.constantFrom(
      '_id',
      '_lastUpdated',
      'token-p',
      'string-p',
      'date-p',
      'reference-p',
      'uri-q',
      'number-p',
      'quantity-q',
      'mixed',
      'unheard-of',
    ),
    descending: fc.boolean(),
  }),
  { maxLength: 3 },
);
