import fc from 'fast-check';
import type {
  Filter,
  IndexEntry,
  PartEntry,
  PartFilter,
  Prefix,
  SortKey,
} from '../../src/search/query.ts';
import { chordOf, spherePoint } from '../../src/search/sphere.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';

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
const prefixes: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'co'];

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

const unit = fc.tuple(fc.option(system), fc.option(text));

/** A value of each kind, under a parameter of that kind's name. */
const values = {
  token: (name: fc.Arbitrary<string>) =>
    fc
      .tuple(name, fc.option(system), text)
      .map(([param, of, code]) => ({ kind: 'token' as const, param, system: of, code })),
  string: (name: fc.Arbitrary<string>) =>
    fc.record({ kind: fc.constant('string'), param: name, value: text, folded: text }),
  date: (name: fc.Arbitrary<string>) =>
    fc.tuple(name, dates).map(([param, { low, high }]) => dateEntry(param, low, high)),
  reference: (name: fc.Arbitrary<string>) =>
    fc.record({ kind: fc.constant('reference'), param: name, target: text }),
  uri: (name: fc.Arbitrary<string>) =>
    fc.record({ kind: fc.constant('uri'), param: name, value: fc.constantFrom(...uris) }),
  number: (name: fc.Arbitrary<string>) =>
    fc.tuple(name, numbers).map(([param, bounds]) => numberEntry(param, bounds)),
  quantity: (name: fc.Arbitrary<string>) =>
    fc
      .tuple(name, numbers, unit)
      .map(([param, bounds, [unitSystem, code]]) =>
        quantityEntry(param, bounds, { system: unitSystem, code }),
      ),
} satisfies Record<PartEntry['kind'], (name: fc.Arbitrary<string>) => fc.Arbitrary<PartEntry>>;

/** Composite parameters by the kinds of their parts, those of R4 and one that begins with something else. */
const composites = {
  'composite-tq': ['token', 'quantity'],
  'composite-tt': ['token', 'token'],
  'composite-td': ['token', 'date'],
  'composite-ts': ['token', 'string'],
  'composite-tr': ['token', 'reference'],
  'composite-tnn': ['token', 'number', 'number'],
  'composite-qu': ['quantity', 'uri'],
} as const;
const compositeName = fc.constantFrom(...(Object.keys(composites) as (keyof typeof composites)[]));

const composite: fc.Arbitrary<IndexEntry> = compositeName.chain((name) =>
  fc
    .tuple(...composites[name].map((kind) => values[kind](fc.constant(''))))
    .map((parts) => ({ kind: 'composite', param: name, parts })),
);

/** Near each other, beyond the date line and at the poles. */
const places = fc.constantFrom(
  ...([
    [0, 0],
    [0, 0.00001],
    [0, 180],
    [0.5, -180],
    [90, 0],
    [-90, 77],
    [47.37, 8.54],
    [47.38, 8.53],
  ] as const),
);
const position: fc.Arbitrary<IndexEntry> = fc
  .tuple(param, places)
  .map(([name, [latitude, longitude]]) => ({
    kind: 'position',
    param: `position-${name}`,
    ...spherePoint(latitude, longitude),
  }));

/** Words of texts; those of a resource also hold what stands between values, which nobody can search for. */
const words = ['a', 'ab', 'b', 'é', '\u{1D49C}', '7'];
const word = fc.constantFrom(...words);
const keptWord = fc.constantFrom(...words, '\u{E000}');

/** One kind for each parameter name, as in FHIR, and one that several kinds share. */
const entry: fc.Arbitrary<IndexEntry> = fc.oneof(
  ...(Object.keys(values) as PartEntry['kind'][]).map((kind) => values[kind](suffixed(kind))),
  composite,
  position,
  fc
    .tuple(fc.constantFrom('_text', '_content'), fc.array(keptWord, { minLength: 1, maxLength: 5 }))
    .map(([name, words]) => ({ kind: 'text' as const, param: name, words: words.join(' ') })),
);

function suffixed(kind: IndexEntry['kind']): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: param.map((name) => `${kind}-${name}`) },
    fc.constant('mixed'),
  );
}

function dateEntry(name: string, from: number, to: number): PartEntry {
  return { kind: 'date', param: name, from, to };
}

function numberEntry(name: string, bounds: { low: number; high: number }): PartEntry {
  return { kind: 'number', param: name, ...bounds };
}

function quantityEntry(
  name: string,
  bounds: { low: number; high: number },
  unit: { system: string | null; code: string | null },
): PartEntry {
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

/** A criterion on each kind of value. */
const criteria = {
  token: (name: fc.Arbitrary<string>) =>
    fc
      .tuple(name, absentOr(fc.option(system)), absentOr(text))
      .map(([param, tokenSystem, code]) => ({
        op: 'token' as const,
        param,
        ...(tokenSystem !== undefined && { system: tokenSystem }),
        ...(code !== undefined && { code }),
      })),
  string: (name: fc.Arbitrary<string>) =>
    fc.record({
      op: fc.constant('string'),
      param: name,
      match: fc.constantFrom('prefix', 'exact'),
      value: text,
    }),
  date: (name: fc.Arbitrary<string>) =>
    fc.tuple(name, fc.constantFrom(...prefixes), range).map(([param, prefix, { low, high }]) => ({
      op: 'date' as const,
      param,
      prefix,
      from: low,
      to: high,
    })),
  reference: (name: fc.Arbitrary<string>) =>
    fc.record({ op: fc.constant('reference'), param: name, target: text }),
  uri: (name: fc.Arbitrary<string>) =>
    fc.record({
      op: fc.constant('uri'),
      param: name,
      match: fc.constantFrom('exact', 'below', 'above'),
      value: fc.constantFrom(...uris),
    }),
  number: (name: fc.Arbitrary<string>) =>
    fc
      .tuple(name, fc.constantFrom(...prefixes), numbers)
      .map(([param, prefix, bounds]) => ({ op: 'number' as const, param, prefix, ...bounds })),
  quantity: (name: fc.Arbitrary<string>) =>
    fc
      .tuple(
        name,
        fc.constantFrom(...prefixes),
        numbers,
        fc.tuple(absentOr(system), absentOr(text)),
      )
      .map(([param, prefix, bounds, [unitSystem, code]]) => ({
        op: 'quantity' as const,
        param,
        prefix,
        ...bounds,
        ...(unitSystem !== undefined && { system: unitSystem }),
        ...(code !== undefined && { code }),
      })),
} satisfies Record<PartFilter['op'], (name: fc.Arbitrary<string>) => fc.Arbitrary<PartFilter>>;

const criterion: fc.Arbitrary<Filter> = fc.oneof(
  ...(Object.keys(criteria) as PartFilter['op'][]).map((op) => criteria[op](suffixed(op))),
  fc.record({
    op: fc.constant('string'),
    param: suffixed('string'),
    match: fc.constantFrom('contains', 'suffix', 'equal', 'less', 'greater'),
    value: text,
  }),
  fc
    .tuple(fc.constantFrom('_text', '_content'), fc.array(word, { minLength: 1, maxLength: 3 }))
    .map(([name, words]) => ({ op: 'text' as const, param: name, words: words.join(' ') })),
  criteria.token(suffixed('token')).map((filter) => ({ ...filter, unequal: true as const })),
  fc.record({
    op: fc.constant('codes'),
    param: suffixed('token'),
    lists: fc.array(
      fc
        .tuple(absentOr(fc.option(system)), fc.array(text, { maxLength: 4 }))
        .map(([tokenSystem, codes]) => ({
          codes,
          ...(tokenSystem !== undefined && { system: tokenSystem }),
        })),
      { maxLength: 3 },
    ),
  }),
  compositeName.chain((name) =>
    fc
      .tuple(...composites[name].map((kind) => criteria[kind](fc.constant(''))))
      .map((parts) => ({ op: 'composite' as const, param: name, parts })),
  ),
  fc
    .tuple(param, places, fc.constantFrom(0, 1, 1.2, 1_500, 60_000, 1e7, 3e7))
    .map(([name, [latitude, longitude], metres]) => ({
      op: 'near' as const,
      param: `position-${name}`,
      ...spherePoint(latitude, longitude),
      chord: chordOf(metres),
    })),
  fc.record({
    op: fc.constant('missing'),
    param: fc.constantFrom(
      'token-p',
      'date-p',
      'string-q',
      'position-p',
      'composite-tq',
      'mixed',
      'unheard-of',
    ),
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
      'composite-tq',
      'position-p',
      'mixed',
      'unheard-of',
    ),
    descending: fc.boolean(),
  }),
  { maxLength: 3 },
);
