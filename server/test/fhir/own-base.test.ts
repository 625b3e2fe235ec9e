import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { resemblesOwn } from '../../src/fhir/own-base.ts';
import { r4, BASE, type Json } from '../support/r4.ts';

/** Each leaves a URL that means the same, or would to somebody. */
const percent = (text: string): string =>
  Array.from(text, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => text.replace(/^http/, 'HTTP'),
  (text) => text.replace(/^https?:/, (scheme) => (scheme === 'http:' ? 'https:' : 'http:')),
  (text) => text.replace('/fhir/', '/FHIR/'),
  (text) => text.replace('/fhir/', '/fh%69r/'),
  (text) => text.replace('/fhir/', '/fh%2569r/'),
  (text) => text.replace('/fhir/', '/fhir//'),
  (text) => text.replace('/fhir/', '/fhir%2F'),
  (text) => text.replace('/fhir/', '/./fhir/'),
  (text) => text.replace('/fhir/', '/x/../fhir/'),
  (text) => text.replace('/fhir/', '//fhir/./'),
  (text) => text.replace('://', '://user:word@'),
  (text) => `${text}/`,
  (text) => `${text}#x`,
  (text) => `${text}?x=1`,
  (text) => `${text}/$everything`,
  (text) => `${text}%2F..%2F..%2F..%2Fx`,
  (text) => `${text}/_history/`,
  (text) => text.replace(/[^/]+$/, percent),
];
const spelled = fc
  .uniqueArray(fc.nat(SPELLINGS.length - 1), { minLength: 1, maxLength: 3 })
  .map((which) =>
    which.reduce((text, i) => SPELLINGS[i]?.(text) ?? text, `${BASE}/Patient/demo-a`),
  );

const ABOUT: Readonly<Record<string, (reference: string) => Json>> = {
  'Observation.subject.reference': (reference) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference },
  }),
  'Task.focus.reference': (reference) => ({
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    focus: { reference },
  }),
  'Provenance.target[0].reference': (reference) => ({
    resourceType: 'Provenance',
    target: [{ reference }],
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ who: { display: 'x' } }],
  }),
  'Binary.securityContext.reference': (reference) => ({
    resourceType: 'Binary',
    contentType: 'text/plain',
    securityContext: { reference },
  }),
};
const UNRESOLVED = ['Patient?_id=demo-a', `${BASE}/Patient?_id=demo-a`, '#', `${BASE}/PATIENT/a`];
const NOBODY_HERE = [
  'http://elsewhere.test/fhir/Patient/demo-a',
  'http://elsewhere.test/fhir/Patient/demo-a/',
  'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  BASE.replace('/fhir', '/fhir2/Patient/a'),
];

const faultsOf = (resource: Json): readonly (string | undefined)[] =>
  r4.validate(resource).map(({ expression }) => expression?.[0]);

describe('a reference that decides whose data it is', () => {
  it('is refused in any spelling of our own URLs but those that name a patient plainly', () => {
    let plain = 0;
    fc.assert(
      fc.property(spelled, fc.constantFrom(...Object.entries(ABOUT)), (literal, [at, make]) => {
        const resource = make(literal);
        // Another scheme, or one in capitals, is no other spelling; what stands for a Binary is named to the letter.
        const isPlain =
          literal.replace(/^https?:/i, 'http:') === `${BASE}/Patient/demo-a` &&
          resource['resourceType'] !== 'Binary';
        assert.deepEqual(faultsOf(resource), isPlain ? [] : [at], literal);
        if (!isPlain) return;
        const [whose] = r4.whoseOf(resource);
        const clues = [...(whose?.about ?? []), ...(whose?.told ?? [])];
        const named = clues.map((clue) => (clue.kind === 'patient' ? clue.id : clue.kind));
        assert.deepEqual(named, ['demo-a'], literal);
        plain += 1;
      }),
      { numRuns: 400, seed: 20261130 },
    );
    assert.ok(plain > 10, `${plain} plain`);
  });

  it('is refused while it is unresolved, and in what a Bundle or Parameters carry', () => {
    for (const [at, make] of Object.entries(ABOUT)) {
      for (const literal of [...UNRESOLVED, `${BASE}/Patient/demo-a/`]) {
        const resource = make(literal);
        const below = at.replace(/^[A-Za-z]+/, '');
        const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource }] };
        const parameters = { resourceType: 'Parameters', parameter: [{ name: 'x', resource }] };
        assert.deepEqual(faultsOf(resource), [at], literal);
        assert.deepEqual(faultsOf(bundle), [`Bundle.entry[0].resource${below}`], literal);
        assert.deepEqual(faultsOf(parameters), [`Parameters.parameter[0].resource${below}`]);
      }
    }
  });

  it('is taken where it is plain, or of nobody here', () => {
    const plain = ['Patient/demo-a', `${BASE}/Patient/demo-a`, `${BASE}/Patient/demo-a/_history/1`];
    for (const make of Object.values(ABOUT)) {
      for (const literal of [...plain, ...NOBODY_HERE]) {
        assert.deepEqual(faultsOf(make(literal)), [], literal);
      }
    }
    const contained = [{ resourceType: 'Patient', id: 'p' }];
    const about = ABOUT['Observation.subject.reference']?.('#p');
    assert.deepEqual(faultsOf({ ...about, contained }), []);
  });
});

describe('another place', () => {
  it('does not resemble ours', () => {
    for (const [base, other] of [
      ['http://a.test/fhir', 'http://a.test/fhirs/Patient/1'],
      ['http://a.test/fhir', 'http://a.test:81/fhir/Patient/1'],
      ['http://a.test/fhir', 'http://b.test/fhir/Patient/1'],
      ['http://a.test/fhir', 'urn:a.test/fhir'],
    ] as const) {
      assert.equal(resemblesOwn(other, base), false, other);
    }
    assert.equal(resemblesOwn('https://A.test.:443/Fhir', 'http://a.test/fhir'), true);
  });
});
