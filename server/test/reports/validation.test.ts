import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Answer } from '../support/app.ts';
import { reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
});
afterAll(() => world.server.close());

async function refuse(
  path: string,
  resource: object,
  statuses: readonly number[],
): Promise<Answer> {
  const answer = await world.ask('PUT', path, { body: JSON.stringify(resource) });
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.text}`);
  assert.equal(answer.json()['resourceType'], 'OperationOutcome');
  return answer;
}

const NULL_FLAVOR = 'http://hl7.org/fhir/StructureDefinition/iso21090-nullFlavor';
const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const flavor = (valueCode: string) => ({ extension: [{ url: NULL_FLAVOR, valueCode }] });
const absent = (valueCode: string) => ({ extension: [{ url: ABSENT, valueCode }] });

// IHE/fhir#56, WorldHealthOrganization/smart-anc#34, FirelyTeam/firely-net-sdk#1919
describe('an id', () => {
  const system = (id: string) => ({
    resourceType: 'CodeSystem',
    id,
    status: 'draft',
    content: 'complete',
  });

  it('with an underscore or of 65 characters is refused, of 64 with dots and dashes is not', async () => {
    const wrong = 'lab_codes';
    assert.match(
      (await refuse(`CodeSystem/${wrong}`, system(wrong), [400, 404, 422])).text,
      /\bid\b/,
    );
    const long = 'l'.repeat(65);
    await refuse(`CodeSystem/${long}`, system(long), [400, 404, 422]);
    const longest = `${'L.7-'.repeat(15)}rest`;
    assert.equal(longest.length, 64);
    await world.put('CodeSystem', longest, system(longest));
  });

  // HeliosSoftware/hfs#707, FirelyTeam/spark#381, LinuxForHealth/FHIR#4102, fhirbase/fhirbase-plv8#49, fhirbase/fhirbase-plv8#81
  it('is given by the server in a create, needed in an update, and not needed in a conditional one', async () => {
    const body = JSON.stringify({
      resourceType: 'Patient',
      id: 'wished',
      meta: { versionId: '31', lastUpdated: '1987-06-05T04:03:02Z' },
      identifier: [{ value: 'created' }],
    });
    for (let i = 0; i < 2; i += 1) {
      const answer = await world.ask('POST', 'Patient', { body });
      assert.equal(answer.status, 201, answer.text);
      assert.ok(!String(answer.headers['location']).includes('wished'));
      const { versionId, lastUpdated } = answer.json()['meta'] as Record<string, string>;
      assert.equal(versionId, '1');
      assert.ok(Date.parse(lastUpdated ?? '') > Date.parse('2020-01-01'));
    }
    assert.equal((await world.ask('GET', 'Patient/wished')).status, 404);
    assert.equal((await world.find('Patient?identifier=created')).bundle['total'], 2);

    await refuse('Patient/nameless', { resourceType: 'Patient' }, [400]);
    const url = 'Patient?identifier=urn:mrn|4';
    const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value: '4' }] };
    const created = await world.ask('PUT', url, { body: JSON.stringify(patient) });
    assert.equal(created.status, 201, created.text);
    await refuse(url, { ...patient, id: 'somebody-else' }, [400]);
  });
});

// FirelyTeam/firely-net-sdk#625, FirelyTeam/firely-validator-api#658
describe('an element that has an extension and nothing else', () => {
  it('is stored as identifier, medication, route, bound of a range, or required code', async () => {
    await world.put('MedicationRequest', 'masked', {
      status: 'active',
      intent: 'order',
      subject: { display: 'x' },
      identifier: [flavor('MSK')],
      medicationCodeableConcept: absent('unknown'),
      dosageInstruction: [
        {
          route: flavor('NAV'),
          doseAndRate: [{ doseRange: { low: { value: 2 }, high: flavor('PINF') } }],
        },
      ],
    });
    await world.put('Observation', 'no-status', {
      _status: absent('unknown'),
      code: { text: 'x' },
    });
  });

  it('keeps its place in a list, in JSON and in XML', async () => {
    await world.put('Patient', 'half-masked', {
      name: [{ given: [null, 'Runa'], _given: [absent('masked'), null], family: 'F' }],
    });
    const json = await world.ask('GET', 'Patient/half-masked');
    assert.match(json.text, /\[\s*null,\s*"Runa"\s*\]/);
    const xml = await world.ask('GET', 'Patient/half-masked?_format=xml');
    assert.match(xml.text, /<given><extension.*<\/given><given value="Runa"\/>/s);
    const { ids } = await world.find('Patient?_id=half-masked&given=runa');
    assert.deepEqual(ids, ['half-masked']);
  });
});

// hapifhir/hapi-fhir#2100, FirelyTeam/firely-net-sdk#423, FirelyTeam/firely-net-sdk#2941
describe('contained resources', () => {
  it('may refer to one another and to what contains them, also inside of Parameters', async () => {
    await world.put('Encounter', 'paid', {
      contained: [
        {
          resourceType: 'Coverage',
          id: 'c',
          status: 'active',
          beneficiary: { display: 'x' },
          payor: [{ display: 'y' }],
        },
        {
          resourceType: 'Account',
          id: 'a',
          status: 'active',
          coverage: [{ coverage: { reference: '#c' } }],
        },
      ],
      status: 'planned',
      class: { code: 'IMP' },
      account: [{ reference: '#a' }],
    });
    await world.put('Condition', 'seen', {
      contained: [
        {
          resourceType: 'Observation',
          id: 'sign',
          status: 'final',
          code: { text: 'x' },
          focus: [{ reference: '#' }],
        },
      ],
      subject: { display: 'x' },
      evidence: [{ detail: [{ reference: '#sign' }] }],
    });
    await world.put('Condition', 'sourced', {
      contained: [
        {
          resourceType: 'Provenance',
          id: 'source',
          target: [{ reference: '#' }],
          recorded: '2022-02-02T02:02:02Z',
          agent: [{ who: { display: 'x' } }],
        },
      ],
      subject: { display: 'x' },
    });
    const dispense = {
      resourceType: 'MedicationDispense',
      contained: [{ resourceType: 'Practitioner', id: 'who' }],
      status: 'completed',
      medicationCodeableConcept: { text: 'x' },
      performer: [{ actor: { reference: '#who' } }],
    };
    await world.put('Parameters', 'carrier', {
      parameter: [{ name: 'outer', part: [{ name: 'inner', resource: dispense }] }],
    });
  });

  it('must be there when they are referred to', async () => {
    const lost = { resourceType: 'Condition', id: 'lost', subject: { reference: '#nobody' } };
    assert.match((await refuse('Condition/lost', lost, [422])).text, /ref-1|contained/);
  });
});

// HealthIntersections/fhirserver#9
describe('a document', () => {
  it('is stored as a Bundle and found by what it says, and is no request', async () => {
    const value = 'urn:uuid:5d0e8a4c-7f7e-4f0e-a7b1-0a6f2b9c3d11';
    const [composition, subject] = ['6', '7'].map(
      (digit) => `urn:uuid:${digit}d0e8a4c-7f7e-4f0e-a7b1-0a6f2b9c3d11`,
    );
    await world.put('Bundle', 'letter', {
      identifier: { system: 'urn:ietf:rfc:3986', value },
      type: 'document',
      timestamp: '2023-08-09T10:11:12+02:00',
      entry: [
        {
          fullUrl: composition,
          resource: {
            resourceType: 'Composition',
            status: 'final',
            type: { coding: [{ system: 'http://loinc.org', code: '11488-4' }] },
            date: '2023-08-09',
            author: [{ display: 'x' }],
            title: 'Letter',
            subject: { reference: subject },
          },
        },
        { fullUrl: subject, resource: { resourceType: 'Patient', name: [{ family: 'L' }] } },
      ],
    });
    const { entry } = (await world.read('Bundle/letter')) as {
      entry: { resource: { subject?: { reference: string } } }[];
    };
    assert.equal(entry[0]?.resource.subject?.reference, subject);
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'document', entry: [] });
    const asRequest = await world.ask('POST', '', { body });
    assert.ok([400, 422].includes(asRequest.status), asRequest.text);
    for (const criteria of [
      `identifier=${value}&type=document&timestamp=2023-08-09`,
      'composition.type=11488-4&_id=letter',
    ]) {
      assert.deepEqual((await world.find(`Bundle?${criteria}`)).ids, ['letter'], criteria);
    }
  });
});

// HealthIntersections/fhirserver#68
describe('$validate', () => {
  it('says what is wrong with an invalid resource, alone and inside of Parameters', async () => {
    const wrong = { resourceType: 'Patient', gender: 'perhaps', birthDate: '31' };
    const parameter = [{ name: 'resource', resource: wrong }];
    for (const [resource, names] of [
      [{ resourceType: 'Parameters', parameter }, ['Patient.gender', 'Patient.birthDate']],
      [{ resourceType: 'Patient', gender: 'perhaps' }, ['Patient.gender']],
    ] as const) {
      const answer = await world.ask('POST', 'Patient/$validate', {
        body: JSON.stringify(resource),
      });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json()['resourceType'], 'OperationOutcome');
      for (const name of names) assert.ok(answer.text.includes(name), answer.text);
    }
  });
});
