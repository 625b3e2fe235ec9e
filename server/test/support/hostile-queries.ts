import assert from 'node:assert/strict';
import type { Document } from 'mongodb';
import { FhirError } from '../../src/fhir/errors.ts';
import type { R4 } from '../../src/r4/r4.ts';
import type { SearchQuery } from '../../src/search/query.ts';
import { toMatch } from '../../src/store/mongo/filter.ts';
import type { Dictionary } from '../../src/store/sqlite/dictionary.ts';
import { condition } from '../../src/store/sqlite/filter-sql.ts';

/** A parameter to attack: its code, a modifier with its colon or nothing, and the types it is of. */
export interface Target {
  readonly type: string;
  readonly name: string;
}

const MODIFIERS = [
  '',
  ':missing',
  ':exact',
  ':contains',
  ':text',
  ':not',
  ':above',
  ':below',
  ':in',
  ':not-in',
  ':of-type',
  ':identifier',
  ':Patient',
  ':__proto__',
  ':constructor',
  '.name',
  ':Patient.name',
  '.__proto__',
  ':$where',
];
const COMMON = [
  '_id',
  '_lastUpdated',
  '_tag',
  '_profile',
  '_security',
  '_source',
  '_text',
  '_content',
  '_list',
  '_filter',
  '_contained',
  '_containedType',
  '_sort',
  '_count',
  '_total',
  '_summary',
  '_elements',
  '_include',
  '_revinclude',
  '_include:iterate',
  '_revinclude:iterate',
  '_cursor',
  '_type',
  '_query',
  '_format',
  '_has',
  '_has:Observation:patient:code',
  '_has:Observation:patient:_filter',
  '__proto__',
  'constructor',
  'toString',
  '$where',
  '',
];

/** Every parameter of every type with every modifier, and what all types share. */
export function targets(r4: R4): readonly Target[] {
  return r4.resourceTypes.flatMap((type) => [
    ...COMMON.map((name) => ({ type, name })),
    ...[...r4.registry.parameters(type).keys()].flatMap((code) =>
      MODIFIERS.map((modifier) => ({ type, name: `${code}${modifier}` })),
    ),
  ]);
}

/**
 * Reads the query as a search does and turns it into what each store asks its database for.
 * @returns undefined when it was not understood
 */
export function assertHarmless(
  r4: R4,
  { type, name }: Target,
  value: string,
): SearchQuery | undefined {
  let query: SearchQuery;
  try {
    ({ query } = r4.parseSearch(type, [[name, value]], {
      handling: 'strict',
      base: 'http://x/fhir',
    }));
  } catch (error) {
    assert.ok(
      error instanceof FhirError,
      `${type}?${name}=${value.slice(0, 99)}: ${String(error)}`,
    );
    assert.ok(error.message.length < 700, 'a refusal does not repeat what was sent');
    return undefined;
  }
  const { filter } = query;
  const sql = condition(filter, { type, dictionary, row: 'r', at: undefined });
  assert.match(sql.text, /^[\w\s.,()=<>!?|*+-]*$/, 'the text is made of our own pieces');
  assert.equal(sql.text.split('?').length - 1, sql.values.length);
  assertOwnOperators(toMatch(filter, type, { link: () => ({}), name: '_id' }));
  return query;
}

const OPERATORS = new Set([
  '$all',
  '$and',
  '$or',
  '$nor',
  '$not',
  '$eq',
  '$ne',
  '$in',
  '$nin',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$elemMatch',
  '$expr',
  '$filter',
  '$map',
  '$anyElementTrue',
  '$indexOfBytes',
  '$strLenBytes',
  '$literal',
  '$ifNull',
  '$add',
  '$subtract',
  '$multiply',
  '$max',
]);
const FIELDS = /^(?:_id|id|type|deleted|lastUpdated|patients|[a-z]\w{0,2}|input|cond|as)$/;

/** Keys are ours; texts that MongoDB would read as an expression stand under `$literal` or where it takes data. */
function assertOwnOperators(part: unknown, expression = false): void {
  if (Array.isArray(part)) {
    for (const each of part) assertOwnOperators(each, expression);
    return;
  }
  if (expression && typeof part === 'string') assert.match(part, /^\$?\$?[a-z]+(?:\.[a-z]\w*)?$/);
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part as Document)) {
    if (key === '$literal') continue;
    assert.ok(key.startsWith('$') ? OPERATORS.has(key) : FIELDS.test(key), `key ${key}`);
    assertOwnOperators(value, expression || key === '$expr');
  }
}

/** Knows everything. */
const dictionary = {
  param: () => 1,
  kinds: () => [['token', 1]],
  sortKinds: () => [['token', 1]],
  term: () => 1,
} as unknown as Dictionary;
