import type { Filter, IndexEntry } from '../../src/search/query.ts';
import { chordOf, spherePoint } from '../../src/search/sphere.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';
import { aVersion, token } from './store-samples.ts';

/** Resources that differ in everything, so that a criterion on one value should have to look at few. */
export const manyResources: readonly VersionWrite[] = Array.from({ length: 2_000 }, (_, i) => {
  const range = { low: i, high: i };
  const code = `c${i}`;
  const index: IndexEntry[] = [
    token('t', `http://s/${i % 7}`, code),
    { kind: 'string', param: 's', value: `Name ${i}`, folded: `name ${i}` },
    { kind: 'date', param: 'd', from: i * 1000, to: i * 1000 + 1000 },
    { kind: 'reference', param: 'r', target: `Patient/${i}` },
    { kind: 'uri', param: 'u', value: `http://u/${i}` },
    { kind: 'number', param: 'n', ...range },
    { kind: 'quantity', param: 'q', ...range, system: null, code: 'g' },
    {
      kind: 'composite',
      param: 'c',
      parts: [
        { kind: 'token', param: 'c', system: 'http://s', code: `k${i % 20}` },
        { kind: 'quantity', param: 'c', ...range, system: null, code: 'g' },
      ],
    },
    { kind: 'position', param: 'p', ...spherePoint((i % 1000) / 12, i / 12) },
  ];
  return aVersion({ id: `${i}`, index });
});

/** The same, each contained in another, beside one that has nothing. */
export const manyContainers: readonly VersionWrite[] = manyResources.map(({ id, index }, i) =>
  aVersion({
    type: i % 2 === 0 ? 'Claim' : 'List',
    id,
    inside: [
      { type: 'Observation', id: 'one', place: 0, index },
      { type: 'Observation', id: 'none', place: 1, index: [] },
    ],
  }),
);

const at = { low: 1000, high: 1000 };
const code = { op: 'token', param: 'c', code: 'k3' } as const;

/** Criteria that few of them satisfy: name of SQLite's index, and the columns by which it is entered. */
export const planned: readonly (readonly [filter: Filter, index: string, columns: string])[] = [
  [{ op: 'token', param: 't', code: 'c5' }, 'token_by_value', 'param=? AND code=?'],
  [
    { op: 'codes', param: 't', lists: [{ system: 'http://s/5', codes: ['c5', 'c6', 'none'] }] },
    'token_by_value',
    'param=? AND code=? AND system=?',
  ],
  [
    { op: 'string', param: 's', match: 'prefix', value: 'name 77' },
    'string_by_folded',
    'param=? AND folded>? AND folded<?',
  ],
  [
    { op: 'string', param: 's', match: 'exact', value: 'Name 77' },
    'string_by_value',
    'param=? AND value=?',
  ],
  [
    { op: 'date', param: 'd', prefix: 'eq', from: 5000, to: 6000 },
    'date_by_low',
    'param=? AND low>? AND low<?',
  ],
  [
    { op: 'reference', param: 'r', target: 'Patient/5' },
    'reference_by_target',
    'param=? AND target=?',
  ],
  [
    { op: 'uri', param: 'u', match: 'exact', value: 'http://u/5' },
    'uri_by_value',
    'param=? AND value=?',
  ],
  [
    { op: 'number', param: 'n', prefix: 'eq', low: 4.5, high: 5.5 },
    'number_by_low',
    'param=? AND low>? AND low<?',
  ],
  [
    { op: 'quantity', param: 'q', prefix: 'eq', low: 4.5, high: 5.5, code: 'g' },
    'quantity_by_low',
    'param=? AND low>? AND low<?',
  ],
  [
    {
      op: 'composite',
      param: 'c',
      parts: [code, { op: 'quantity', param: 'c', prefix: 'eq', low: 900, high: 950 }],
    },
    'composite_by_value',
    'param=? AND a1=? AND a2>? AND a2<?',
  ],
  [
    {
      op: 'composite',
      param: 'c',
      parts: [code, { op: 'quantity', param: 'c', prefix: 'gt', ...at }],
    },
    'composite_by_value',
    'param=? AND a1=?',
  ],
  [
    { op: 'near', param: 'p', ...spherePoint(40, 40), chord: chordOf(50_000) },
    'position_by_x',
    'param=? AND x>? AND x<?',
  ],
];
