import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import type { CodeSystem, ValueSet, ValueSetComposeInclude } from 'fhir/r4.js';
import { ancestors, descendants } from '../../../src/fhir/terminology/code-system.ts';
import { officialSource } from '../../../src/fhir/terminology/official-source.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';

const official = officialSource(join(import.meta.dirname, '..', '..', '..', 'definitions'));
const ANIMALS = 'urn:example:animals';

const animals: CodeSystem = {
  resourceType: 'CodeSystem',
  url: ANIMALS,
  version: '2',
  status: 'active',
  content: 'complete',
  hierarchyMeaning: 'is-a',
  property: [
    { code: 'legs', type: 'integer' },
    { code: 'notSelectable', type: 'boolean' },
    { code: 'inactive', type: 'boolean' },
    { code: 'kind', type: 'code', uri: 'http://hl7.org/fhir/concept-properties#parent' },
  ],
  concept: [
    {
      code: 'animal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'bird',
          property: [{ code: 'legs', valueInteger: 2 }],
          concept: [{ code: 'duck' }, { code: 'dodo', property: inactive() }],
        },
        { code: 'cat', property: [{ code: 'legs', valueInteger: 4 }] },
      ],
    },
    { code: 'pet' },
    {
      code: 'parrot',
      property: [
        { code: 'kind', valueCode: 'bird' },
        { code: 'kind', valueCode: 'pet' },
      ],
    },
  ],
};

function inactive(): { code: string; valueBoolean: boolean }[] {
  return [{ code: 'inactive', valueBoolean: true }];
}

const set = (
  include: ValueSetComposeInclude | ValueSetComposeInclude[],
  more: Omit<NonNullable<ValueSet['compose']>, 'include'> = {},
): ValueSet => ({
  resourceType: 'ValueSet',
  url: 'urn:example:set',
  status: 'active',
  compose: { include: [include].flat(), ...more },
});
const filtered = (property: string, op: string, value: string): ValueSet =>
  set({ system: ANIMALS, filter: [{ property, op: op as '=', value }] });

const named = new Map<string, ValueSet>([
  ['urn:example:birds', filtered('concept', 'is-a', 'bird')],
  ['urn:example:pets', filtered('concept', 'is-a', 'pet')],
  ['urn:example:circle', set({ valueSet: ['urn:example:circle'] })],
]);
const terminology = createTerminology([
  official,
  {
    codeSystem: (url, version) =>
      url === ANIMALS && (version ?? '2') === '2' ? animals : undefined,
    valueSet: (url) => named.get(url),
  },
]);

const codes = (of: ValueSet): readonly string[] =>
  terminology.expand(of).entries.map(({ code }) => code);
const has = (of: ValueSet | string, code: string, system = ANIMALS): string =>
  terminology.contains(of, { system, code }).kind;

describe('value sets', () => {
  for (const [property, op, value, expected] of [
    ['concept', 'is-a', 'bird', ['bird', 'duck', 'dodo', 'parrot']],
    ['concept', 'descendent-of', 'bird', ['duck', 'dodo', 'parrot']],
    ['concept', 'is-not-a', 'bird', ['animal', 'cat', 'pet']],
    ['concept', 'generalizes', 'parrot', ['animal', 'bird', 'pet', 'parrot']],
    ['concept', 'in', 'cat,pet', ['cat', 'pet']],
    ['concept', 'not-in', 'animal,bird,duck,dodo,cat', ['pet', 'parrot']],
    ['code', 'regex', 'd.*', ['duck', 'dodo']],
    ['legs', '=', '4', ['cat']],
    ['legs', 'exists', 'true', ['bird', 'cat']],
    ['legs', 'exists', 'false', ['animal', 'duck', 'dodo', 'pet', 'parrot']],
    ['inactive', '=', 'true', ['dodo']],
    ['parent', '=', 'bird', ['duck', 'dodo', 'parrot']],
  ] as const) {
    it(`${property} ${op} ${value}`, () => {
      const of = filtered(property, op, value);
      assert.deepEqual(codes(of), expected);
      for (const { code } of terminology.codeSystem(ANIMALS)?.all() ?? []) {
        const found = (expected as readonly string[]).includes(code) ? 'in' : 'out';
        assert.equal(has(of, code), found, code);
      }
    });
  }

  it('are what all imported sets have, without what is excluded', () => {
    const both = set({ valueSet: ['urn:example:birds', 'urn:example:pets'] });
    assert.deepEqual(codes(both), ['parrot']);
    assert.equal(has(both, 'duck'), 'out');
    const part = set(
      { system: ANIMALS, valueSet: ['urn:example:birds'] },
      { exclude: [{ system: ANIMALS, concept: [{ code: 'duck' }] }] },
    );
    assert.deepEqual(codes(part), ['bird', 'dodo', 'parrot']);
    assert.deepEqual(
      ['duck', 'bird'].map((code) => has(part, code)),
      ['out', 'in'],
    );
  });

  it('leave out what is inactive where they say so', () => {
    const of = set(
      { system: ANIMALS, filter: [{ property: 'concept', op: 'is-a', value: 'bird' }] },
      { inactive: false },
    );
    assert.deepEqual(codes(of), ['bird', 'duck', 'parrot']);
    assert.equal(has(of, 'dodo'), 'out');
  });

  it('are looked for by version', () => {
    assert.equal(has(set({ system: ANIMALS, version: '2' }), 'cat'), 'in');
    assert.equal(has(set({ system: ANIMALS, version: '3' }), 'cat'), 'unknown');
  });

  it('say so where they cannot be told', () => {
    assert.equal(has('urn:example:nowhere', 'cat'), 'unknown');
    assert.equal(
      has(set({ system: 'urn:example:plants' }), 'oak', 'urn:example:plants'),
      'unknown',
    );
    assert.equal(has(filtered('colour', '=', 'red'), 'cat'), 'unknown');
    assert.equal(has('urn:example:circle', 'cat'), 'unknown');
    assert.throws(() => terminology.expand('urn:example:circle'), /import each other/);
    assert.throws(() => terminology.expand('urn:example:nowhere'), { code: 'not-found' });
  });

  it('that list codes need not know their code system', () => {
    const of = set({
      system: 'http://loinc.org',
      concept: [{ code: '8480-6', display: 'Systolic' }],
    });
    assert.equal(has(of, '8480-6', 'http://loinc.org'), 'in');
    assert.equal(has(of, '8462-4', 'http://loinc.org'), 'out');
    assert.equal(terminology.expand(of).entries[0]?.display, 'Systolic');
  });

  it('with regular expressions that others cannot bear are answered at once', () => {
    const started = performance.now();
    assert.deepEqual(codes(filtered('code', 'regex', '(a+)+$|(([a-z])+.)+[A-Z]([a-z])+$')), []);
    assert.equal(has(filtered('code', 'regex', '(?=d)duck'), 'duck'), 'unknown');
    assert.ok(performance.now() - started < 1_000);
  });

  it('that would take for ever are refused', () => {
    const doubling = (depth: number): ValueSet => {
      const url = `urn:example:doubling-${depth}`;
      const below = depth === 0 ? [] : [`urn:example:doubling-${depth - 1}`];
      const include = [...below, ...below].map((canonical) => ({ valueSet: [canonical] }));
      return { ...set([{ system: ANIMALS, concept: [{ code: 'cat' }] }, ...include]), url };
    };
    for (let depth = 0; depth < 16; depth += 1) {
      named.set(`urn:example:doubling-${depth}`, doubling(depth));
    }
    const many = Array.from({ length: 200_000 }, () => ({ system: ANIMALS }));
    const started = performance.now();
    assert.equal(has(doubling(3), 'duck'), 'out');
    assert.deepEqual(codes(doubling(3)), ['cat']);
    assert.equal(
      has(set(many.map(() => ({ valueSet: ['urn:example:doubling-15'] }))), 'duck'),
      'unknown',
    );
    assert.throws(() => terminology.expand(set(many)), /too much/);
    const isA = { property: 'concept', op: 'is-a' as const, value: 'animal' };
    const filters = Array.from({ length: 200_000 }, () => ({ ...isA }));
    assert.throws(() => terminology.expand(set({ system: ANIMALS, filter: filters })), /too much/);
    for (const [pattern, text] of [
      [`(${'a?'.repeat(200)}){900}`, /too large/],
      ['(((a{90}){90}){90}){90}', /too large|not valid/],
    ] as const) {
      assert.throws(() => terminology.expand(filtered('code', 'regex', pattern)), text);
    }
    assert.ok(performance.now() - started < 5_000);
  });

  it('judge what is excluded by the definition, not by an expansion', () => {
    const of = {
      ...set({ system: ANIMALS }, { exclude: [{ system: 'urn:example:plants' }] }),
      expansion: { timestamp: '2025-01-01', contains: [{ system: ANIMALS, code: 'cat' }] },
    };
    assert.equal(has(of, 'duck'), 'in');
    assert.equal(codes(of).length, 7);
  });

  it('of more codes than asked for are refused', () => {
    assert.throws(() => terminology.expand(set({ system: ANIMALS }), { limit: 3 }), /more than 3/);
  });
});

describe('code systems', () => {
  it('know ancestors and descendants, by nesting and by property', () => {
    const view = terminology.codeSystem(ANIMALS);
    assert.ok(view);
    assert.deepEqual([...ancestors(view, 'parrot')].sort(), ['animal', 'bird', 'parrot', 'pet']);
    assert.ok(descendants(view, 'animal').has('parrot'));
    assert.equal(terminology.codeSystem('http://loinc.org'), undefined);
  });

  it('of units, languages and media types are told by their grammar', () => {
    const valid = (url: string, code: string): boolean =>
      terminology.codeSystem(url)?.find(code) !== undefined;
    for (const [url, good, bad] of [
      ['http://unitsofmeasure.org', 'mg/dL', 'milligrams'],
      ['http://unitsofmeasure.org', '[IU]', '[IU'],
      ['urn:ietf:bcp:47', 'de-CH', 'deutsch-in-der-schweiz'],
      ['urn:ietf:bcp:47', 'zh-cmn-Hans', 'zh-'],
      ['urn:ietf:bcp:47', 'i-klingon', 'i-nothing'],
      ['urn:ietf:bcp:47', 'de-419-x-private', 'a-DE'],
      ['urn:ietf:bcp:13', 'text/plain; charset=utf-8', 'text'],
      ['urn:iso:std:iso:4217', 'EUR', 'Euro'],
      ['https://www.iana.org/time-zones', 'Europe/Zurich', 'Zurich'],
      ['https://www.iana.org/time-zones', 'US/Eastern', '+01:00'],
    ] as const) {
      assert.equal(valid(url, good), true, good);
      assert.equal(valid(url, bad), false, bad);
    }
    const lengths = set({
      system: 'http://unitsofmeasure.org',
      filter: [{ property: 'canonical', op: '=', value: 'm' }],
    });
    assert.equal(has(lengths, 'cm', 'http://unitsofmeasure.org'), 'in');
    assert.equal(has(lengths, 'kg', 'http://unitsofmeasure.org'), 'out');
  });
});
