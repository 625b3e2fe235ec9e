import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { r4 } from '../../support/r4.ts';

const PATIENT = { resourceType: 'Patient' };
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

/** Expressions of the errors. */
function errors(resource: object): readonly string[] {
  return r4
    .review(resource)
    .flatMap(({ severity, expression }) => (severity === 'error' ? (expression ?? []) : []));
}

function refused(good: object, bad: object, at: string): void {
  assert.deepEqual(errors(good), [], JSON.stringify(good));
  assert.deepEqual(errors(bad), [at], JSON.stringify(bad));
}

describe('rules that R4 states in its text', () => {
  it('narrative has plain elements and attributes, and says something', () => {
    const told = (inner: string) => ({
      ...PATIENT,
      text: { status: 'generated', div: `${DIV}${inner}</div>` },
    });
    for (const fine of [
      'a',
      '<p>a<br/>&nbsp;&#233;</p>',
      '<img src="x.png" alt=""/>',
      '<a href="http://x">x</a>',
    ])
      assert.deepEqual(r4.validate(told(fine)), [], fine);
    const bad = [
      ...['<script>x</script>', '<p onclick="x">a</p>', '<form>a</form>', '<p>a', '<p>&#x20;</p>'],
      ...[
        '<a href="javascript:x">a</a>',
        '<style>a</style>',
        '<iframe src="x">a</iframe>',
        '  ',
        '',
      ],
      ...['<object data="x">a</object>', '<a href=" JavaScript:x">a</a>', '<?x y?>a'],
    ];
    for (const inner of bad)
      assert.notDeepEqual(r4.validate(told(inner)), [], `${inner} was taken`);
    assert.notDeepEqual(
      r4.validate({ ...PATIENT, text: { status: 'generated', div: '<div>a</div>' } }),
      [],
    );
  });

  it('an element is more than an id', () => {
    assert.deepEqual(r4.validate({ ...PATIENT, active: true, _active: { id: 'a' } }), []);
    assert.equal(r4.validate({ ...PATIENT, _active: { id: 'a' } }).length, 1);
    assert.equal(r4.validate({ ...PATIENT, name: [{ id: 'a' }] }).length, 1);
  });

  it('ids are unique', () => {
    const name = (id: string) => ({ id, family: 'A' });
    refused(
      { ...PATIENT, name: [name('a'), name('b')] },
      { ...PATIENT, name: [name('a'), name('a')] },
      'Patient',
    );
  });

  it('values of identifiers, attachments, quantities and extensions fit their kind', () => {
    const identifier = (value: string) => ({
      ...PATIENT,
      identifier: [{ system: 'urn:ietf:rfc:3986', value }],
    });
    refused(identifier('urn:oid:1.2'), identifier('1.2'), 'Patient.identifier[0].value');
    const photo = (size: number) => ({
      ...PATIENT,
      photo: [{ contentType: 'text/plain', data: 'YWJj', size }],
    });
    refused(photo(3), photo(4), 'Patient.photo[0].size');
    const extension = (url: string) => ({ ...PATIENT, extension: [{ url, valueString: 'a' }] });
    refused(extension('http://example.org/x'), extension('x'), 'Patient.extension[0].url');
    const quantity = (code: string) => ({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code },
    });
    refused(quantity('mm[Hg]'), quantity('mmHgg'), 'Observation.valueQuantity.code');
  });

  it('codes belong to code systems that are a part of R4', () => {
    const marital = (system: string) => ({
      ...PATIENT,
      maritalStatus: { coding: [{ system, code: 'green' }] },
    });
    refused(
      marital('http://example.org/x'),
      marital('http://hl7.org/fhir/administrative-gender'),
      'Patient.maritalStatus.coding[0].code',
    );
    assert.deepEqual(errors(marital('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus')), []);
  });

  it('canonical URLs are absolute', () => {
    const library = (url: string) => ({ resourceType: 'ValueSet', status: 'draft', url });
    refused(library('urn:oid:1.2'), library('ValueSet/a'), 'ValueSet.url');
  });

  it('entries of bundles are named by absolute URLs that end with their type and id', () => {
    const bundle = (fullUrl: string) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl, resource: { ...PATIENT, id: 'a' } }],
    });
    refused(bundle('http://x/Patient/a'), bundle('Patient/a'), 'Bundle.entry[0].fullUrl');
    refused(
      bundle('urn:uuid:00000000-0000-4000-8000-000000000000'),
      bundle('http://x/Patient/b'),
      'Bundle.entry[0].fullUrl',
    );
  });

  it('what a document refers to is in it, and what is in it is referred to', () => {
    const document = (subject: string, ...more: object[]) => ({
      resourceType: 'Bundle',
      type: 'document',
      timestamp: '2020-01-01T00:00:00Z',
      identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2' },
      entry: [
        {
          fullUrl: 'http://x/Composition/c',
          resource: {
            resourceType: 'Composition',
            id: 'c',
            status: 'final',
            type: { text: 'x' },
            date: '2020-01-01',
            title: 'x',
            author: [{ reference: 'Patient/a' }],
            subject: { reference: subject },
          },
        },
        { fullUrl: 'http://x/Patient/a', resource: { ...PATIENT, id: 'a' } },
        ...more,
      ],
    });
    refused(document('Patient/a'), document('Patient/b'), 'Bundle.entry[0].resource.subject');
    const lone = { fullUrl: 'http://x/Patient/b', resource: { ...PATIENT, id: 'b' } };
    refused(document('Patient/a'), document('Patient/a', lone), 'Bundle.entry[2]');
  });

  it('questions do not depend on themselves, and differentials fit what they are based on', () => {
    const form = (question: string) => ({
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [
        { linkId: 'a', type: 'string' },
        {
          linkId: 'b',
          type: 'group',
          enableWhen: [{ question, operator: 'exists', answerBoolean: true }],
          item: [{ linkId: 'c', type: 'string' }],
        },
      ],
    });
    refused(form('a'), form('c'), 'Questionnaire.item[1].enableWhen[0].question');
    const profile = (path: string) => ({
      resourceType: 'StructureDefinition',
      url: 'http://example.org/p',
      name: 'P',
      status: 'draft',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      derivation: 'constraint',
      differential: {
        element: [
          { id: 'Patient', path: 'Patient' },
          { id: path, path, min: 1 },
        ],
      },
    });
    refused(profile('Patient.name'), profile('Patient.title'), 'StructureDefinition.differential');
  });
});
