import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { people, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  await app.ask(people.ehr, 'PUT', 'CodeSystem/odd', {
    body: '{"resourceType":"CodeSystem","id":"odd","url":"urn:odd","status":"draft","content":"complete"}',
  });
});
afterAll(() => app.close());

const PATHS = [
  ...['ValueSet/$expand', 'ValueSet/$validate-code', 'CodeSystem/$validate-code'],
  ...['CodeSystem/$lookup', 'CodeSystem/$subsumes', 'ConceptMap/$translate'],
  ...['CodeSystem/odd/$validate-code', 'CodeSystem/odd/$subsumes', 'ValueSet/odd/$expand'],
  ...['Patient/a/$meta-add', 'CodeSystem/odd/$meta-add', 'CodeSystem/odd/$meta-delete'],
];
const NAMES = [
  ...['url', 'valueSet', 'codeSystem', 'conceptMap', 'code', 'system', 'coding', 'display'],
  ...['codeableConcept', 'filter', 'offset', 'count', 'abstract', 'property', 'codeA', 'codeB'],
  ...[
    'codingA',
    'codingB',
    'reverse',
    'target',
    'meta',
    '__proto__',
    'constructor',
    'resourceType',
  ],
];
const TEXTS = [
  ...[
    'urn:odd',
    'http://unitsofmeasure.org',
    'urn:ietf:bcp:47',
    'mg',
    'a',
    '|',
    'a|b|c',
    '%00',
    '-1',
  ],
  ...['http://hl7.org/fhir/ValueSet/administrative-gender', 'true', '9999999999', '\u{1F600}', '$'],
  ...['http://terminology.hl7.org/CodeSystem/v3-ActCode', '_ActAccountCode', '__proto__'],
];
const system = fc.constantFrom(...TEXTS);
const filter = fc.record({
  property: fc.constantFrom('concept', 'code', 'status', '__proto__', 'x'),
  op: fc.constantFrom(
    '=',
    'is-a',
    'descendent-of',
    'is-not-a',
    'regex',
    'in',
    'not-in',
    'generalizes',
    'exists',
  ),
  value: fc.constantFrom(...TEXTS, '(', '(a*)*$', '[a-z]{1000}', '\\'),
});
const part = fc.record(
  {
    system,
    version: system,
    concept: fc.array(fc.record({ code: system }), { minLength: 1, maxLength: 3 }),
    filter: fc.array(filter, { minLength: 1, maxLength: 2 }),
    valueSet: fc.array(system, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const resource = fc.oneof(
  fc.record({
    resourceType: fc.constant('ValueSet'),
    status: fc.constant('draft'),
    compose: fc.record(
      {
        include: fc.array(part, { minLength: 1, maxLength: 3 }),
        exclude: fc.array(part, { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: ['include'] },
    ),
  }),
  fc.record({
    resourceType: fc.constantFrom('CodeSystem', 'ConceptMap', 'ValueSet', 'Patient', 'Nothing'),
    status: fc.constantFrom('draft', 'x'),
  }),
);
const coding = fc.record({ system, code: system, display: system }, { requiredKeys: [] });
const value = fc.oneof(
  resource.map((one): object => ({ resource: one })),
  system.map((valueUri) => ({ valueUri })),
  system.map((valueCode) => ({ valueCode })),
  coding.map((valueCoding) => ({ valueCoding })),
  fc.array(coding, { maxLength: 3 }).map((of) => ({ valueCodeableConcept: { coding: of } })),
  fc.array(coding, { maxLength: 3 }).map((of) => ({ valueMeta: { tag: of, security: of } })),
  fc.integer().map((valueInteger) => ({ valueInteger })),
  fc.boolean().map((valueBoolean) => ({ valueBoolean })),
  fc.constant({}),
);
const parameter = fc.tuple(fc.constantFrom(...NAMES), value).map(([name, of]) => ({ name, ...of }));

describe('operations on terminology and meta', () => {
  it('answer whatever comes without failing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.array(parameter, { maxLength: 5 }),
        async (path, parameters) => {
          const { status, text } = await app.ask(people.ehr, 'POST', path, {
            body: JSON.stringify({ resourceType: 'Parameters', parameter: parameters }),
          });
          assert.ok(status < 500, text);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('answer whatever query without failing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          ...PATHS.filter((path) => !path.includes('$meta-')),
          '$meta',
          'ValueSet/$meta',
        ),
        fc.array(fc.tuple(fc.constantFrom(...NAMES), system), { maxLength: 5 }),
        async (path, pairs) => {
          const query = new URLSearchParams(pairs).toString();
          const { status, text } = await app.ask(people.ehr, 'GET', `${path}?${query}`);
          assert.ok(status < 500, text);
        },
      ),
      { numRuns: 400 },
    );
  });
});
