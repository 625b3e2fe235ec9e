import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { FhirError } from '../../src/fhir/errors.ts';
import { findIn } from '../support/in-memory-search.ts';
import { BASE } from '../support/r4.ts';
import type { Json } from '../support/r4.ts';

/** What R4's search page says by example and nothing else here asks. `undefined`: refused. */
type Rows = readonly (readonly [query: string, ids: readonly string[] | undefined])[];

function group(what: string, resources: readonly Json[], rows: Rows): void {
  describe(what, () => {
    for (const [query, ids] of rows) {
      it(`${query}: ${ids?.join(' ') ?? 'refused'}`, () => {
        if (ids) assert.deepEqual(findIn(resources, query).sort(), [...ids].sort());
        else assert.throws(() => findIn(resources, query), isRefusal);
      });
    }
  });
}

function isRefusal(error: unknown): boolean {
  return error instanceof FhirError && ['invalid', 'not-supported'].includes(error.code);
}

const set = (id: string, url: string, version?: string): Json => ({
  resourceType: 'ValueSet',
  id,
  url,
  ...(version === undefined ? {} : { version }),
});

group(
  'canonical URLs with a version',
  [
    set('one', 'http://acme.org/fhir/ValueSet/123', '1.0-Beta'),
    set('two', 'http://acme.org/fhir/ValueSet/123', '2.0'),
    set('none', 'http://acme.org/fhir/ValueSet/124'),
    set('oid', 'urn:oid:1.2.3'),
    { resourceType: 'Device', id: 'device', url: 'http://device/1' },
  ],
  [
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123', ['one', 'two']],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123|2.0', ['two']],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123|1.0-beta', ['one']],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123|3.0', []],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/124|2.0', []],
    [
      'ValueSet?url=http://acme.org/fhir/ValueSet/123|2.0,http://acme.org/fhir/ValueSet/124',
      ['two', 'none'],
    ],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123\\|2.0', []],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123|', undefined],
    ['ValueSet?url=|2.0', undefined],
    ['ValueSet?url=http://acme.org/fhir/ValueSet/123|2|0', undefined],
    ['ValueSet?url:below=http://acme.org/fhir/', ['one', 'two', 'none']],
    ['ValueSet?url:above=http://acme.org/fhir/ValueSet/123/_history/5', ['one', 'two']],
    ['ValueSet?url=urn:oid:1.2.3', ['oid']],
    ['Device?url=http://device/1|2', []],
  ],
);

const answer = (id: string, questionnaire: string): Json => ({
  resourceType: 'QuestionnaireResponse',
  id,
  questionnaire,
});

group(
  'versions of canonical references',
  [
    answer('r10', 'http://acme.com/q|1.0'),
    answer('r11', 'http://acme.com/q|1.1.3#part'),
    answer('r2', 'http://acme.com/q|2.0'),
    answer('r12', 'http://acme.com/q|12.0'),
    answer('any', 'http://acme.com/q'),
    answer('own', `${BASE}/Questionnaire/q`),
    {
      resourceType: 'Patient',
      id: 'profiled',
      meta: { profile: ['http://acme.com/p|3.1', `${BASE}/StructureDefinition/lipid`] },
    },
  ],
  [
    [
      'QuestionnaireResponse?questionnaire:below=http://acme.com/q',
      ['r10', 'r11', 'r2', 'r12', 'any'],
    ],
    ['QuestionnaireResponse?questionnaire:below=http://acme.com/q|1', ['r10', 'r11']],
    ['QuestionnaireResponse?questionnaire:below=http://acme.com/q|1.1', ['r11']],
    ['QuestionnaireResponse?questionnaire:below=http://acme.com/q|1.1.3', ['r11']],
    ['QuestionnaireResponse?questionnaire:below=http://acme.com/q|1.1.3.4', []],
    [
      'QuestionnaireResponse?questionnaire:below=http://acme.com/q|2,http://acme.com/q|12',
      ['r2', 'r12'],
    ],
    ['QuestionnaireResponse?questionnaire:below=Questionnaire/q', ['own']],
    ['QuestionnaireResponse?questionnaire:below=q', undefined],
    ['QuestionnaireResponse?questionnaire:above=http://acme.com/q', undefined],
    ['QuestionnaireResponse?questionnaire:identifier=q', undefined],
    ['Patient?_profile:below=http://acme.com/p|3', ['profiled']],
    ['Patient?_profile:below=http://acme.com/p|3.1', ['profiled']],
    ['Patient?_profile:below=http://acme.com/p|31', []],
    ['Patient?_profile:below=http://acme.com', ['profiled']],
    ['Patient?_profile=StructureDefinition/lipid', ['profiled']],
    ['Patient?_profile=StructureDefinition/other', []],
  ],
);

const document = (id: string, ...types: readonly string[]): Json => ({
  resourceType: 'DocumentReference',
  id,
  content: types.map((contentType) => ({ attachment: { contentType } })),
});

group(
  'media types',
  [
    document('plain', 'text/xml'),
    document('charset', 'Text/XML; charset=UTF-8'),
    document('scan', 'application/pdf', 'image/tiff'),
    document('empty'),
  ],
  [
    ['DocumentReference?contenttype=text/xml', ['plain']],
    ['DocumentReference?contenttype:below=text/xml', ['plain', 'charset']],
    ['DocumentReference?contenttype:below=text/xml;charset=ASCII', ['plain', 'charset']],
    ['DocumentReference?contenttype:below=TEXT/xml,image/tiff', ['plain', 'charset', 'scan']],
    ['DocumentReference?contenttype:below=urn:ietf:bcp:13|image/tiff', ['scan']],
    ['DocumentReference?contenttype:below=image/png', []],
    ['DocumentReference?contenttype:below=text', undefined],
    ['DocumentReference?contenttype:below=http://other|text/xml', undefined],
    ['DocumentReference?contenttype:missing=true', ['empty']],
    ['DocumentReference?contenttype:not=text/xml', ['charset', 'scan', 'empty']],
  ],
);

group(
  'references to versions elsewhere',
  [
    {
      resourceType: 'Observation',
      id: 'versioned',
      subject: { reference: 'http://other.example/fhir/Patient/a/_history/2' },
    },
    {
      resourceType: 'Observation',
      id: 'plain',
      subject: { reference: 'http://other.example/fhir/Patient/a' },
    },
  ],
  [
    ['Observation?subject=http://other.example/fhir/Patient/a', ['versioned', 'plain']],
    ['Observation?subject=http://other.example/fhir/Patient/a/_history/2', ['versioned']],
    ['Observation?subject=http://other.example/fhir/Patient/a/_history/3', []],
    ['Observation?subject=Patient/a', []],
  ],
);

group(
  'escapes',
  [
    { resourceType: 'Organization', id: 'odd', name: 'a,b $5 | c\\d' },
    { resourceType: 'Organization', id: 'even', name: 'a' },
    {
      resourceType: 'Observation',
      id: 'said',
      code: { coding: [{ code: 'x$y' }] },
      valueString: 'a$b',
    },
  ],
  [
    ['Organization?name:exact=a\\,b \\$5 \\| c\\\\d', ['odd']],
    ['Organization?name:exact=a\\,b $5 | c\\\\d', ['odd']],
    ['Organization?name:exact=a,b', ['even']],
    ['Organization?name=a\\b', undefined],
    ['Organization?name=a\\', undefined],
    ['Organization?name=a\\\\\\', undefined],
    ['Observation?code=x\\$y', ['said']],
    ['Observation?code=x\\y', undefined],
    ['Observation?code-value-string=x\\$y$a\\$b', ['said']],
    ['Observation?code-value-string=x$y$a', undefined],
  ],
);

const person = (id: string, family: string, given: string, city?: string): Json => ({
  resourceType: 'Patient',
  id,
  name: [{ family, given: [given] }],
  ...(city === undefined ? {} : { address: [{ line: ['12, Main  St.'], city }] }),
});

group(
  'punctuation and space that say nothing',
  [
    person('apostrophe', "O'Brien", 'Mary-Jane', 'New\tYork'),
    person('quote', 'O’Brien', 'Mary  Jane', 'Newark'),
    person('none', 'OBRIEN', ' Maryjane ', 'York, New'),
    person('dash', '-', '(Mary) A.'),
    {
      resourceType: 'Observation',
      id: 'coded',
      code: { text: 'Heart rate, resting' },
      valueString: 'p<0.05; n=7',
    },
  ],
  [
    ["Patient?family=o'brien", ['apostrophe', 'quote', 'none']],
    ['Patient?family=OBrien', ['apostrophe', 'quote', 'none']],
    ['Patient?family=O’BRI', ['apostrophe', 'quote', 'none']],
    ["Patient?family:exact=O'Brien", ['apostrophe']],
    ['Patient?family:exact=OBRIEN', ['none']],
    ['Patient?family:exact=-', ['dash']],
    ["Patient?family:contains='b", ['apostrophe', 'quote', 'none']],
    ['Patient?family=-', undefined],
    ['Patient?family:missing=true', []],
    ['Patient?given=maryjane', ['apostrophe', 'none']],
    ['Patient?given=mary jane', ['quote']],
    ['Patient?given=mary   jane', ['quote']],
    ['Patient?given=mary a', ['dash']],
    ['Patient?given:exact=Mary  Jane', ['quote']],
    ['Patient?address-city=new york', ['apostrophe']],
    ['Patient?address-city=york new', ['none']],
    ['Patient?address=12 Main St', ['apostrophe', 'quote', 'none']],
    ['Patient?_filter=family eq "obrien"', ['apostrophe', 'quote', 'none']],
    ['Observation?code:text=heart rate resting', ['coded']],
    ['Observation?value-string=p<005', ['coded']],
    ['Observation?value-string=p005', []],
  ],
);

group(
  'contact points',
  [
    {
      resourceType: 'Patient',
      id: 'mary',
      telecom: [
        { system: 'email', value: 'Mary@Example.org' },
        { system: 'phone', value: '+1 555 12 ext A' },
      ],
    },
    { resourceType: 'Patient', id: 'none', telecom: [{ system: 'email' }] },
  ],
  [
    ['Patient?email=mary@example.ORG', ['mary']],
    ['Patient?email:not=MARY@example.org', ['none']],
    ['Patient?telecom=mary@example.org', ['mary']],
    ['Patient?phone=mary@example.org', []],
    ['Patient?phone=%2B1 555 12 EXT a', ['mary']],
    ['Patient?email=http://hl7.org/fhir/contact-point-system|mary@example.org', undefined],
    ['Patient?email:missing=true', []],
  ],
);
