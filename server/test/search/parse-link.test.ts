import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { FhirError } from '../../src/fhir/errors.ts';
import type { Include } from '../../src/search/include.ts';
import type { Shape } from '../../src/fhir/subset.ts';
import { nothing } from '../../src/search/query.ts';
import type { Filter } from '../../src/search/query.ts';
import { BASE, r4 } from '../support/r4.ts';

function search(query: string, handling: 'strict' | 'lenient' = 'strict') {
  const [type = '', parameters = ''] = query.split('?');
  return r4.parseSearch(type, new URLSearchParams(parameters), { handling, base: BASE });
}
const only = (query: string): Filter => {
  const { filter } = search(query).query;
  assert.ok(filter.op === 'and' && filter.all.length === 1 && filter.all[0]);
  return filter.all[0];
};
const chain = (param: string, type: string, filter: Filter): Filter => ({
  op: 'chain',
  param,
  type,
  filter,
  within: nothing,
});
/** Without what is asked of contained resources. */
function bare(filter: Filter): Filter {
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map(bare) };
    case 'or':
      return { op: 'or', any: filter.any.map(bare) };
    case 'not':
      return { op: 'not', filter: bare(filter.filter) };
    case 'referenced':
      return { ...filter, filter: bare(filter.filter) };
    case 'chain': {
      const { contained, ...rest } = filter;
      // Nothing refers to what is contained.
      assert.equal(contained === undefined, rest.filter.op === 'referenced');
      return { ...rest, filter: bare(filter.filter) };
    }
    default:
      return filter;
  }
}
const has = (type: string, param: string, filter: Filter): Filter => ({
  op: 'referenced',
  type,
  param,
  filter,
  within: nothing,
});
const name = (value: string): Filter => ({
  op: 'string',
  param: 'name',
  match: 'prefix',
  value,
});
const code = (value: string): Filter => ({ op: 'token', param: 'code', code: value });

describe('criteria on other resources', () => {
  const table: readonly [query: string, filter: Filter][] = [
    ['Observation?patient.name=X', chain('patient', 'Patient', name('x'))],
    ['Observation?subject:Patient.name=X', chain('subject', 'Patient', name('x'))],
    [
      'Observation?subject:Patient.gender:not=male',
      chain('subject', 'Patient', {
        op: 'not',
        filter: { op: 'token', param: 'gender', code: 'male' },
      }),
    ],
    [
      'Observation?subject.name=x',
      {
        op: 'or',
        any: [chain('subject', 'Patient', name('x')), chain('subject', 'Location', name('x'))],
      },
    ],
    [
      'Observation?patient.organization.name=x',
      chain('patient', 'Patient', chain('organization', 'Organization', name('x'))),
    ],
    ['Observation?patient._id=a', chain('patient', 'Patient', { op: 'id', ids: ['a'] })],
    ['Patient?_has:Observation:patient:code=1', has('Observation', 'patient', code('1'))],
    [
      'Patient?_has:Observation:patient:performer:Practitioner.name=x',
      has('Observation', 'patient', chain('performer', 'Practitioner', name('x'))),
    ],
    [
      'Organization?_has:Patient:organization:_has:Observation:patient:code=1',
      has('Patient', 'organization', has('Observation', 'patient', code('1'))),
    ],
    [
      'Encounter?patient._has:Observation:patient:code=1',
      chain('patient', 'Patient', has('Observation', 'patient', code('1'))),
    ],
  ];
  for (const [query, filter] of table) it(query, () => assert.deepEqual(bare(only(query)), filter));

  it('name no patient', () => {
    assert.deepEqual(search('Observation?patient._id=a').patients, []);
    assert.deepEqual(search('Observation?patient=a').patients, ['a']);
  });

  it('are part of the self link', () => {
    const query = 'Organization?_has:Patient:organization:name=a';
    assert.equal(search(query).selfLink(BASE), `${BASE}/${query}`);
  });

  const refusals: readonly [query: string, code: string][] = [
    ['Observation?code.name=x', 'invalid'],
    ['Observation?patient.foo=x', 'not-supported'],
    ['Observation?foo.name=x', 'not-supported'],
    ['Observation?subject:Organization.name=x', 'invalid'],
    ['Observation?subject:Foo.name=x', 'invalid'],
    ['Observation?subject:Resource.name=x', 'invalid'],
    ['Observation?patient.birthdate=soon', 'invalid'],
    ['Provenance?target.name=x', 'too-costly'],
    ['Patient?_has:Observation:patient=1', 'invalid'],
    ['Patient?_has:Observation:code:code=1', 'invalid'],
    ['Patient?_has:Foo:patient:code=1', 'invalid'],
    ['Patient?_has:Observation:foo:code=1', 'not-supported'],
    ['Patient?_has:Observation:patient:foo=1', 'not-supported'],
    ['Location?_has:Observation:patient:code=1', 'invalid'],
    ['Patient?_has=1', 'not-supported'],
    [`Organization?${'partof.'.repeat(6)}name=x`, 'too-costly'],
    [`Organization?${'_has:Organization:partof:'.repeat(6)}name=x`, 'too-costly'],
    ['Observation?focus.subject.patient.name=x', 'too-costly'],
    [`Composition?${'entry.'.repeat(4)}name=x`, 'too-costly'],
    [`Task?${'subject.'.repeat(5)}name=x`, 'too-costly'],
    [`List?${'subject.general-practitioner.'.repeat(2)}name=x`, 'not-supported'],
  ];
  for (const [query, expected] of refusals) {
    it(`${query} is refused`, () =>
      assert.throws(
        () => search(query),
        (error) => error instanceof FhirError && error.code === expected,
      ));
  }

  it('may be five references deep', () => {
    assert.equal(only(`Organization?${'partof.'.repeat(5)}name=x`).op, 'chain');
  });

  it('that are unknown are notes under lenient handling', () => {
    const { ignored, query } = search('Observation?patient.foo=x&foo.bar=y', 'lenient');
    assert.deepEqual(
      ignored.map((note) => note.name),
      ['patient.foo', 'foo.bar'],
    );
    assert.deepEqual(query.filter, { op: 'and', all: [] });
  });
});

describe('includes', () => {
  const include = (given: Partial<Include>): Include => ({
    direction: 'to',
    source: 'Observation',
    param: 'subject',
    target: undefined,
    iterate: false,
    ...given,
  });
  const table: readonly [query: string, include: Include][] = [
    ['_include=Observation:subject', include({})],
    ['_include=Observation:subject:Patient', include({ target: 'Patient' })],
    ['_include=Observation:*', include({ param: undefined })],
    ['_include=*', include({ param: undefined })],
    [
      '_include:iterate=Patient:organization',
      include({ source: 'Patient', param: 'organization', iterate: true }),
    ],
    ['_include:iterate=*', include({ source: undefined, param: undefined, iterate: true })],
    [
      '_revinclude=Provenance:target',
      include({ direction: 'from', source: 'Provenance', param: 'target' }),
    ],
    ['_revinclude=*', include({ direction: 'from', source: undefined, param: undefined })],
  ];
  for (const [query, expected] of table) {
    it(query, () => assert.deepEqual(search(`Observation?${query}`).includes, [expected]));
  }

  it('are bounded', () => {
    const many = (n: number) => search(`Observation?${'_include=Observation:subject&'.repeat(n)}`);
    assert.equal(many(32).includes.length, 32);
    assert.throws(() => many(33), /too many/);
  });
});

describe('the shape of the answer', () => {
  const table: readonly [query: string, shape: Shape | undefined][] = [
    ['_summary=true', { kind: 'summary', mode: 'true' }],
    ['_summary=text', { kind: 'summary', mode: 'text' }],
    ['_summary=data', { kind: 'summary', mode: 'data' }],
    ['_summary=false', undefined],
    ['_elements=status,value,value[x]', { kind: 'elements', names: ['status', 'value'] }],
  ];
  for (const [query, shape] of table) {
    it(query, () => assert.deepEqual(search(`Observation?${query}`).shape, shape));
  }

  it('of a count is a total alone', () => {
    const { query, shape } = search('Observation?_summary=count&_count=5');
    assert.deepEqual([query.count, query.total, shape], [0, 'accurate', undefined]);
  });

  for (const query of ['_summary=some', '_elements=foo', '_elements=status&_summary=true']) {
    it(`${query} is refused`, () => assert.throws(() => search(`Observation?${query}`), FhirError));
  }
});
