import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { FhirError } from '../../src/fhir/errors.ts';
import type { LinkedSearch } from '../../src/r4/r4.ts';
import type { Filter } from '../../src/search/query.ts';
import { BASE, r4 } from '../support/r4.ts';

function search(query: string, handling: 'strict' | 'lenient' = 'strict'): LinkedSearch {
  const [type = '', parameters = ''] = query.split('?');
  return r4.parseSearch(type, new URLSearchParams(parameters), { handling, base: BASE });
}
const only = (query: string): Filter => {
  const { filter } = search(query).query;
  assert.ok(filter.op === 'and' && filter.all.length === 1);
  return filter.all[0]!;
};
const any = (...filters: Filter[]): Filter => ({ op: 'or', any: filters });
const reference = (param: string, target: string): Filter => ({ op: 'reference', param, target });
const day = (text: string): number => Date.parse(text);

describe('criteria', () => {
  const table: readonly [query: string, filter: Filter][] = [
    ['Observation?code=1234', { op: 'token', param: 'code', code: '1234' }],
    [
      'Observation?code=http://loinc.org|',
      { op: 'token', param: 'code', system: 'http://loinc.org' },
    ],
    [
      'Observation?code=http://loinc.org|1-8',
      { op: 'token', param: 'code', system: 'http://loinc.org', code: '1-8' },
    ],
    ['Observation?code=|1-8', { op: 'token', param: 'code', system: null, code: '1-8' }],
    ['Observation?code=a\\|b', { op: 'token', param: 'code', code: 'a|b' }],
    [
      'Observation?code=a\\,b,c',
      any({ op: 'token', param: 'code', code: 'a,b' }, { op: 'token', param: 'code', code: 'c' }),
    ],
    ['Observation?code:not=a', { op: 'not', filter: { op: 'token', param: 'code', code: 'a' } }],
    [
      'Observation?code:missing=true',
      {
        op: 'and',
        all: [
          { op: 'missing', param: 'code', missing: true },
          { op: 'missing', param: 'code:present', missing: true },
        ],
      },
    ],
    ['Patient?_id:not=a', { op: 'not', filter: { op: 'id', ids: ['a'] } }],
    ['Patient?_id:missing=true', any()],
    ['Patient?_lastUpdated:missing=false', { op: 'and', all: [] }],
    [
      'Patient?_lastUpdated=ap2020-01-02',
      { op: 'lastUpdated', from: day('2020-01-01'), to: day('2020-01-04') },
    ],
    [
      'Patient?gender=http://hl7.org/fhir/administrative-gender|male',
      { op: 'token', param: 'gender', code: 'male' },
    ],
    ['Patient?gender=http://example.org|male', any()],
    // Systems that cannot be listed, but that all codes are of.
    [
      'DocumentReference?language=urn:ietf:bcp:47|rm-CH',
      { op: 'token', param: 'language', code: 'rm-CH' },
    ],
    [
      'DocumentReference?contenttype=urn:ietf:bcp:13|application/pdf',
      { op: 'token', param: 'contenttype', code: 'application/pdf' },
    ],
    ['DocumentReference?contenttype=urn:ietf:bcp:13|', { op: 'token', param: 'contenttype' }],
    ['DocumentReference?contenttype=http://example.org|application/pdf', any()],
    [
      'DocumentReference?contenttype:in=http://hl7.org/fhir/ValueSet/mimetypes',
      { op: 'token', param: 'contenttype' },
    ],
    [
      'DocumentReference?contenttype:below=urn:ietf:bcp:13|text/plain',
      { op: 'token', param: 'contenttype:below', code: 'text/plain' },
    ],
    [
      'CodeSystem?code=http://example.org/s|a',
      { op: 'token', param: 'code', system: 'http://example.org/s', code: 'a' },
    ],
    ['SearchParameter?code=|a', { op: 'token', param: 'code', system: null, code: 'a' }],
    ['DocumentReference?language=http://example.org|en-US', any()],
    [
      'Patient?family=M%C3%9CLLER',
      { op: 'string', param: 'family', match: 'prefix', value: 'muller' },
    ],
    [
      'Patient?family:exact=M%C3%9CLLER',
      { op: 'string', param: 'family', match: 'exact', value: 'MÜLLER' },
    ],
    [
      'Patient?family:contains=LL',
      { op: 'string', param: 'family', match: 'contains', value: 'll' },
    ],
    [
      'Patient?birthdate=1980',
      {
        op: 'date',
        param: 'birthdate',
        prefix: 'eq',
        from: day('1980-01-01'),
        to: day('1981-01-01'),
      },
    ],
    [
      'Patient?birthdate=lt1980-05',
      {
        op: 'date',
        param: 'birthdate',
        prefix: 'lt',
        from: day('1980-05-01'),
        to: day('1980-06-01'),
      },
    ],
    [
      'Observation?date=ge2024-01-01T10:00:00+01:00',
      {
        op: 'date',
        param: 'date',
        prefix: 'ge',
        from: day('2024-01-01T09:00:00Z'),
        to: day('2024-01-01T09:00:01Z'),
      },
    ],
    [
      'Patient?birthdate=ap1980-05-02',
      {
        op: 'date',
        param: 'birthdate',
        prefix: 'ap',
        from: day('1980-05-01'),
        to: day('1980-05-04'),
      },
    ],
    ['Observation?patient=x', any(reference('patient', 'Patient/x'))],
    ['Observation?patient=Patient/x', reference('patient', 'Patient/x')],
    [`Observation?patient=${BASE}/Patient/x`, reference('patient', 'Patient/x')],
    ['Observation?subject:Patient=x', any(reference('subject', 'Patient/x'))],
    [
      'Observation?subject=x',
      any(
        ...['Group', 'Device', 'Patient', 'Location'].map((type) =>
          reference('subject', `${type}/x`),
        ),
      ),
    ],
    [
      'Observation?subject=http://other.example/fhir/Patient/x',
      reference('subject', 'http://other.example/fhir/Patient/x'),
    ],
    [
      'Observation?subject:identifier=s|1',
      { op: 'token', param: 'subject:identifier', system: 's', code: '1' },
    ],
    [
      'ValueSet?url:below=http://a/',
      { op: 'uri', param: 'url', match: 'below', value: 'http://a/' },
    ],
    [
      'RiskAssessment?probability=gt0.80',
      { op: 'number', param: 'probability', prefix: 'gt', low: 0.8, high: 0.8 },
    ],
    [
      'RiskAssessment?probability=100',
      { op: 'number', param: 'probability', prefix: 'eq', low: 99.5, high: 100.5 },
    ],
    [
      'RiskAssessment?probability=1e2',
      { op: 'number', param: 'probability', prefix: 'eq', low: 95, high: 105 },
    ],
    [
      'Observation?value-quantity=5.40|http://unitsofmeasure.org|mg',
      {
        op: 'quantity',
        param: 'value-quantity:ucum',
        prefix: 'eq',
        low: 0.005395,
        high: 0.005405,
        code: '0,0,1,0,0,0,0,0',
      },
    ],
    [
      'Observation?value-quantity=le5||mg',
      any(
        { op: 'quantity', param: 'value-quantity', prefix: 'le', low: 5, high: 5, code: 'mg' },
        { op: 'quantity', param: 'value-quantity:unit', prefix: 'le', low: 5, high: 5, code: 'mg' },
      ),
    ],
    ['Patient?_id=a,b,a', { op: 'id', ids: ['a', 'b'] }],
    ['Patient?_lastUpdated=gt2024', { op: 'lastUpdated', from: day('2025-01-01') }],
    ['Patient?_lastUpdated=ge2024', { op: 'lastUpdated', from: day('2024-01-01') }],
    [
      'Patient?_lastUpdated=ne2024',
      { op: 'not', filter: { op: 'lastUpdated', from: day('2024-01-01'), to: day('2025-01-01') } },
    ],
    ['Patient?_tag=s|t', { op: 'token', param: '_tag', system: 's', code: 't' }],
    [
      'Patient?_profile=http://x',
      { op: 'uri', param: '_profile', match: 'exact', value: 'http://x' },
    ],
  ];
  for (const [query, filter] of table)
    it(query, () => assert.deepEqual(only(query.replaceAll('+', '%2B')), filter));

  it('join by repetition', () => {
    const { query } = search('Observation?code=a&code=b');
    assert.deepEqual(query.filter, {
      op: 'and',
      all: [
        { op: 'token', param: 'code', code: 'a' },
        { op: 'token', param: 'code', code: 'b' },
      ],
    });
  });

  it('read a time zone whose plus sign was not encoded', () => {
    assert.deepEqual(
      only('Observation?date=2024-01-01T10:00:00+01:00'),
      only('Observation?date=2024-01-01T10:00:00%2B01:00'),
    );
  });
});

describe('what shapes the answer', () => {
  it('is read', () => {
    const { query } = search(
      'Observation?_count=7&_sort=-date,_id&_total=accurate&_cursor=abc&_format=json&_pretty=true',
    );
    assert.deepEqual(query, {
      type: 'Observation',
      filter: { op: 'and', all: [] },
      count: 7,
      page: 'abc',
      total: 'accurate',
      sort: [
        { param: 'date', descending: true },
        { param: '_id', descending: false },
      ],
    });
  });

  it('is bounded', () => {
    assert.equal(search('Patient?_count=999999999').query.count, 1000);
    assert.deepEqual(
      [search('Patient?_count=0').query.count, search('Patient?_count=0').query.total],
      [0, 'accurate'],
    );
    assert.equal(search('Patient').query.count, 50);
  });

  it('makes the links', () => {
    const found = search('Patient?name=a%26b%2C c&foo=1&_count=5000&_cursor=old', 'lenient');
    assert.equal(found.selfLink(BASE), `${BASE}/Patient?name=a%26b,%20c&_count=1000`);
    assert.equal(
      found.pageLink(BASE, 'x=='),
      `${BASE}/Patient?name=a%26b,%20c&_count=1000&_cursor=x%3D%3D`,
    );
    assert.equal(search('Patient').selfLink(BASE), `${BASE}/Patient`);
    const again = new URL(found.selfLink(BASE)).searchParams;
    assert.deepEqual(
      r4.parseSearch('Patient', again, { handling: 'strict', base: BASE }).query.filter,
      found.query.filter,
    );
  });
});

describe('the patients whom a search names', () => {
  const table: readonly [string, string[]][] = [
    ['Observation?patient=b&subject=Patient/a,Device/d', ['a', 'b']],
    [`Observation?subject=${BASE}/Patient/a`, ['a']],
    ['Patient?_id=a,b', ['a', 'b']],
    ['Observation?_id=a', []],
    ['Observation?patient:missing=true', []],
    ['Observation?performer=Patient/a', []],
    ['Observation?subject=http://other.example/fhir/Patient/a', []],
  ];
  for (const [query, patients] of table)
    it(query, () => assert.deepEqual(search(query).patients, patients));
});

describe('refusals', () => {
  const table: readonly [query: string, code: string, expression: string][] = [
    ['Patient?foo=1', 'not-supported', 'http.foo'],
    ['Patient?__proto__=1', 'not-supported', 'http.__proto__'],
    ['Patient?constructor=1', 'not-supported', 'http.constructor'],
    ['Patient?birthdate=soon', 'invalid', 'http.birthdate'],
    ['Patient?birthdate=2023-02-29', 'invalid', 'http.birthdate'],
    ['Patient?birthdate=zz2023', 'invalid', 'http.birthdate'],
    ['Patient?birthdate=1980,', 'invalid', 'http.birthdate'],
    ['Patient?name:foo=1', 'not-supported', 'http.name'],
    ['Patient?birthdate:exact=1980', 'not-supported', 'http.birthdate'],
    ['Observation?code=a|b|c', 'invalid', 'http.code'],
    ['Observation?code=|', 'invalid', 'http.code'],
    ['Observation?code:missing=maybe', 'invalid', 'http.code'],
    ['Observation?patient=a b', 'invalid', 'http.patient'],
    ['Observation?patient=Foo/a', 'invalid', 'http.patient'],
    ['Observation?subject:Organization=a', 'invalid', 'http.subject'],
    ['Observation?subject:Patient=Patient/a', 'invalid', 'http.subject'],
    ['Observation?value-quantity=x', 'invalid', 'http.value-quantity'],
    ['Observation?value-quantity=1e999', 'invalid', 'http.value-quantity'],
    ['Observation?value-quantity=', 'none', ''],
    ['Patient?_id=a/b', 'invalid', 'http._id'],
    ['Patient?_id:exact=a', 'not-supported', 'http._id:exact'],
    ['Patient?_id:missing=a', 'invalid', 'http._id'],
    ['Patient?_lastUpdated:not=2020', 'not-supported', 'http._lastUpdated:not'],
    ['Patient?_lastUpdated=soon', 'invalid', 'http._lastUpdated'],
    ['Patient?_count=-1', 'invalid', 'http._count'],
    ['Patient?_sort=foo', 'invalid', 'http._sort'],
    ['Patient?_sort=name,name', 'invalid', 'http._sort'],
    ['Patient?_total=some', 'invalid', 'http._total'],
    ['Patient?_cursor=a&_cursor=b', 'invalid', 'http._cursor'],
    ['Observation?_sort=code-value-quantity', 'invalid', 'http._sort'],
    ['Location?_sort=near', 'invalid', 'http._sort'],
    ['Observation?code-value-quantity=a', 'invalid', 'http.code-value-quantity'],
    ['Observation?code-value-quantity=a$1$2', 'invalid', 'http.code-value-quantity'],
    ['Observation?code-value-quantity=a$b', 'invalid', 'http.code-value-quantity'],
    ['Observation?code-value-quantity=$1', 'invalid', 'http.code-value-quantity'],
    ['Observation?code-value-quantity:missing=true', 'not-supported', 'http.code-value-quantity'],
    ['Location?near=47', 'invalid', 'http.near'],
    ['Location?near=91|8', 'invalid', 'http.near'],
    ['Location?near=47|181', 'invalid', 'http.near'],
    ['Location?near=47|8|-1', 'invalid', 'http.near'],
    ['Location?near=47|8|1|kg', 'invalid', 'http.near'],
    ['Location?near=47|8|1|constructor', 'invalid', 'http.near'],
    ['Patient?identifier:of-type=a|b', 'invalid', 'http.identifier'],
    ['Observation?code:of-type=a|b|c', 'not-supported', 'http.code'],
    ['Observation?code:in=http://example.org/none', 'invalid', 'http.code'],
    ['Observation?code:below=a', 'invalid', 'http.code'],
    ['Observation?patient:below=a', 'not-supported', 'http.patient'],
    ['Procedure?location:below=Patient/a', 'invalid', 'http.location'],
    ['Procedure?location:below=http://other/Location/a', 'invalid', 'http.location'],
    ['Observation?code:below=http://example.org/none|a', 'not-supported', 'http.code'],
    ...[
      ...['SearchParameter?code=http://example.org|a', 'OperationDefinition?code=http://x|'],
      ...['SearchParameter?code:below=http://hl7.org/fhir/observation-status|final'],
      ...['OperationDefinition?code:in=http://hl7.org/fhir/ValueSet/observation-status'],
      ...['Organization?active=http://x|true', 'Medication?lot-number=http://x|a'],
      ...['Patient?phone=phone|555', 'ImagingStudy?series=urn:dicom:uid|1.2'],
    ].map((query): [string, string, string] => [
      query,
      'invalid',
      `http.${/\?([\w-]+)/.exec(query)?.[1] ?? ''}`,
    ]),
    ['Bundle?composition._has:Provenance:target:agent=a', 'not-supported', 'http.composition'],
    ['Patient?name=%00', 'invalid', 'http.name'],
    [`Patient?name=${'a'.repeat(9000)}`, 'too-costly', 'http.name'],
    [`Patient?name=${'a,'.repeat(1000)}`, 'too-costly', 'http.name'],
    [`Patient?${'name=a&'.repeat(100)}`, 'too-costly', 'http.name'],
  ];
  for (const [query, code, expression] of table) {
    it(query.slice(0, 60), () => {
      // An empty value is no criterion: the control for its neighbours.
      if (code === 'none') assert.deepEqual(search(query).query.filter, { op: 'and', all: [] });
      else
        assert.throws(
          () => search(query),
          (error) =>
            error instanceof FhirError &&
            error.code === code &&
            error.expression?.[0] === expression,
        );
    });
  }

  it('become notes for unknown parameters under lenient handling, and only for those', () => {
    const { ignored, used, query } = search('Patient?foo=1&gender=male&Foo:x=2', 'lenient');
    assert.deepEqual(
      ignored.map(({ name }) => name),
      ['foo', 'Foo:x'],
    );
    assert.deepEqual(used, [['gender', 'male']]);
    assert.ok(query.filter.op === 'and' && query.filter.all.length === 1);
    assert.throws(() => search('Patient?birthdate=soon', 'lenient'), FhirError);
  });

  it('are all that hostile input can cause', () => {
    const codes = [
      ...r4.registry.parameters('Observation').keys(),
      '_id',
      '_lastUpdated',
      '_count',
      '_sort',
      '_total',
      '_cursor',
      '_has',
      '_has:Observation:subject:code',
      '_has:Observation:has-member:_has:Observation:focus',
      'subject:Patient.name',
      'patient.organization.partof',
      '_include',
      '_revinclude:iterate',
      '_summary',
      '_elements',
      '__proto__',
      'toString',
    ];
    const name = fc
      .tuple(
        fc.constantFrom(...codes),
        fc.constantFrom('', ':not', ':missing', ':Patient', ':exact', ':__proto__', '.a', ':'),
      )
      .map((parts) => parts.join(''));
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom(
        '\ud800',
        '\0',
        'ge',
        'eq1',
        '1e',
        '--1',
        '|',
        '\\',
        '\\,',
        '$',
        '9'.repeat(400),
        `1${'0'.repeat(290)}.5`,
        '#',
        'urn:x',
        'Patient/',
        '\u202e',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(name, hostile), hostile), { maxLength: 5 }),
        fc.constantFrom('strict', 'lenient'),
        (pairs, handling) => {
          try {
            const found = r4.parseSearch('Observation', pairs, { handling, base: BASE });
            JSON.stringify(found.query);
            assert.ok(
              !/null/.test(
                JSON.stringify(found.query)
                  .replaceAll('"system":null', '')
                  .replace(/"(code|value|target|after)":"(\\.|[^"\\])*"/g, ''),
              ),
            );
          } catch (error) {
            assert.ok(error instanceof FhirError, String(error));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('how much may be asked', () => {
  const many = (count: number, length: number, unit = 'a'): string =>
    Array.from({ length: count }, () => unit.repeat(length)).join();
  const pairs = (...asked: readonly (readonly [string, string])[]): LinkedSearch =>
    r4.parseSearch('Observation', asked, { handling: 'strict', base: BASE });

  for (const [what, asked] of [
    ['512 ids', [['_id', many(512, 64)]]],
    [
      '512 ids and a page size',
      [
        ['_count', '5'],
        ['_id', many(512, 64)],
        ['_sort', '_id'],
      ],
    ],
    ['512 references', [['subject', many(512, 76).replaceAll(/a{12}(a{64})/g, 'Observation/$1')]]],
    [
      '511 codes among other criteria',
      [
        ['status', 'final'],
        ['code', many(511, 90)],
      ],
    ],
    ['one long text', [['category', 'a'.repeat(8192)]]],
    ['five long texts', [['category', many(5, 8192)]]],
  ] as const) {
    it(`${what} may, and fit into a page link`, () => {
      const link = pairs(...asked).pageLink(BASE, 'c'.repeat(2_000));
      assert.ok(link.length <= 65_536 - 8_192, String(link.length));
    });
  }

  for (const [what, asked, named] of [
    ['513 values', [['_id', many(513, 1)]], '_id'],
    [
      '513 values in all',
      [
        ['_id', many(512, 1)],
        ['status', 'final'],
      ],
      'status',
    ],
    ['513 elements', [['_elements', many(513, 1)]], '_elements'],
    ['a text that is too long', [['category', 'a'.repeat(8193)]], 'category'],
    ['one that is so by what it escapes', [['category', `a,${'\\,'.repeat(5_000)}`]], 'category'],
    ['too many long texts', [['category', many(6, 8192)]], 'category'],
    ['too much text', [['_content', many(128, 64)]], '_content'],
    [
      'too many in all',
      [
        ['_id', many(500, 64)],
        ['subject', many(12, 1_500)],
      ],
      'subject',
    ],
    ['what a link writes longer', [['category', many(100, 100, '\u00e9')]], 'category'],
    ['all of it far too long', [['category', 'a,'.repeat(10_000_000)]], 'category'],
  ] as const) {
    it(`${what} may not`, () => {
      assert.throws(
        () => pairs(...asked),
        (error) =>
          error instanceof FhirError &&
          error.code === 'too-costly' &&
          error.expression?.[0] === `http.${named}`,
      );
    });
  }
});
