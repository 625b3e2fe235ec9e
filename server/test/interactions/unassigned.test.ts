import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  observation,
  patient,
  putsTo,
  type Resource,
} from '../support/clinical-samples.ts';
import { minimalResources } from '../support/minimal-resources.ts';
import { OUTSIDERS } from '../support/outsiders.ts';
import { r4 } from '../support/r4.ts';

const OURS = 'urn:oid:1.2.3';
let server: TestApp;
const put = putsTo(() => server);
const { ask, statusOf, send } = requestsOf(() => server);

beforeAll(async () => {
  server = await startApp({
    CHARTSEAL_PATIENT_IDENTIFIER_SYSTEMS: OURS,
    CHARTSEAL_BASE_ALIASES: 'https://fhir.hospital.example/r4',
  });
  const denied = { type: 'deny', actor: actor('Practitioner/other-doctor') };
  await put(
    { ...patient('a', 'Ahorn'), identifier: [{ system: OURS, value: '1' }] },
    patient('b', 'Berg'),
    { ...patient('c', 'Cedar'), identifier: [{ system: OURS, value: '2' }] },
    { ...patient('d', 'Dorn'), identifier: [{ system: OURS, value: '2' }] },
    consent('denies', 'a', denied),
    { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, ...of('a') },
    { resourceType: 'Specimen', id: 's', ...of('a') },
    observation('o', 'a', '1'),
  );
});
afterAll(() => server.close());

function of(id: string) {
  return { subject: { reference: `Patient/${id}` } };
}
const bare = { resourceType: 'Observation', status: 'final', code: { text: 'HIV' } };
const told = { reference: 'Observation/o' };

/** Whose these are cannot be told, or not yet. */
const UNASSIGNED: Readonly<Record<string, Omit<Resource, 'id'>>> = {
  'no subject': bare,
  'an identifier of somebody else': {
    ...bare,
    subject: { identifier: { system: 'urn:x', value: '1' } },
  },
  'an identifier that two have': { ...bare, subject: { identifier: { system: OURS, value: '2' } } },
  'an identifier that nobody has': {
    ...bare,
    subject: { identifier: { system: OURS, value: '3' } },
  },
  'a name': { ...bare, subject: { display: 'Ahorn' } },
  'another server': { ...bare, subject: { reference: 'http://elsewhere.test/fhir/Patient/a' } },
  'a urn': { ...bare, subject: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' } },
  'a contained patient': {
    ...bare,
    contained: [{ resourceType: 'Patient', id: 'p', name: [{ text: 'Ahorn' }] }],
    subject: { reference: '#p' },
  },
  'a name, and an encounter of somebody': {
    ...bare,
    subject: { display: 'newborn' },
    encounter: { reference: 'Encounter/e' },
  },
  'an encounter that is not here': { ...bare, encounter: { reference: 'Encounter/none' } },
  'a group that is not here': { ...bare, subject: { reference: 'Group/none' } },
  'a Binary without context': {
    resourceType: 'Binary',
    contentType: 'application/pdf',
    data: 'eA==',
  },
  'a Task without patient': { resourceType: 'Task', status: 'requested', intent: 'order' },
  'a Task before its focus': {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    focus: { reference: 'ServiceRequest/none' },
  },
  'a Provenance before its target': {
    resourceType: 'Provenance',
    target: [{ reference: 'Observation/none' }],
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ who: { display: 'x' } }],
  },
  'a Bundle with data of nobody': {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: bare }],
  },
  'a List without patient': { resourceType: 'List', status: 'current', mode: 'working' },
  'a Basic without patient': { resourceType: 'Basic', code: { text: 'note' } },
  'a Composition without patient': {
    resourceType: 'Composition',
    status: 'final',
    type: { text: 'letter' },
    date: '2020-01-01',
    author: [{ reference: 'Practitioner/p' }],
    title: 'Letter',
  },
  'a Media without patient': { resourceType: 'Media', status: 'completed', content: { url: 'x' } },
  'a DocumentReference without patient': {
    resourceType: 'DocumentReference',
    status: 'current',
    content: [{ attachment: { url: 'x' } }],
  },
  'an AuditEvent of a thing': {
    resourceType: 'AuditEvent',
    type: { code: 'rest' },
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ requestor: true, who: { reference: 'Practitioner/p' } }],
    source: { observer: { display: 'x' } },
    entity: [{ what: { reference: 'Organization/hospital' } }],
  },
  'an EnrollmentResponse': { resourceType: 'EnrollmentResponse', status: 'active' },
  'a Device of somebody': { resourceType: 'Device', patient: { display: 'Ahorn' } },
  'a Medication that contains data of nobody': {
    resourceType: 'Medication',
    contained: [{ ...bare, id: 'x' }],
    code: { text: 'x' },
    extension: [{ url: 'http://example.org/x', valueReference: { reference: '#x' } }],
  },
};

const EXTENSION = 'http://example.org/about';

/** All of these are data of patient a. */
const OF_A: Readonly<Record<string, Omit<Resource, 'id'>>> = {
  'an identifier of hers': { ...bare, subject: { identifier: { system: OURS, value: '1' } } },
  'our base under another name': {
    ...bare,
    subject: { reference: `${BASE.replace('127.0.0.1', 'localhost')}/Patient/a` },
  },
  'our base by another scheme': {
    ...bare,
    subject: { reference: `${BASE.replace('http:', 'https:')}/Patient/a` },
  },
  'our base in capitals': {
    ...bare,
    subject: { reference: 'HTTP://LOCALHOST:8080/fhir/Patient/a' },
  },
  'an alias of our base': {
    ...bare,
    subject: { reference: 'https://fhir.hospital.example/r4/Patient/a' },
  },
  'a contained patient with an identifier of hers': {
    ...bare,
    contained: [{ resourceType: 'Patient', id: 'p', identifier: [{ system: OURS, value: '1' }] }],
    subject: { reference: '#p' },
  },
  'her encounter': { ...bare, encounter: { reference: 'Encounter/e' } },
  'her specimen': { ...bare, specimen: { reference: 'Specimen/s' } },
  'herself as focus': { ...bare, focus: [{ reference: 'Patient/a' }] },
  'an extension': {
    ...bare,
    extension: [{ url: EXTENSION, valueReference: { reference: 'Patient/a' } }],
  },
  'a List of what is hers': {
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    entry: [{ item: told }],
  },
  'a List that contains what is hers': {
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    contained: [{ ...bare, id: 'x', ...of('a') }],
    entry: [{ item: { reference: '#x' } }],
  },
  'a Composition of what is hers': {
    resourceType: 'Composition',
    status: 'final',
    type: { text: 'letter' },
    date: '2020-01-01',
    author: [{ reference: 'Practitioner/p' }],
    title: 'Letter',
    section: [{ title: 'x', entry: [told] }],
  },
  'a persisted Bundle of what is hers': {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: { ...bare, ...of('a') } }],
  },
  'a Task for her order': {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    focus: told,
  },
};

/** What concerns nobody, and everybody may read. */
const PUBLIC: Readonly<Record<string, Omit<Resource, 'id'>>> = {
  'a Practitioner': { resourceType: 'Practitioner', name: [{ family: 'Arzt' }] },
  'an Organization': { resourceType: 'Organization', name: 'Ward' },
  'a ValueSet': { resourceType: 'ValueSet', status: 'active' },
  'a Medication': { resourceType: 'Medication', code: { text: 'x' } },
  'a Location': { resourceType: 'Location', name: 'Room' },
  'a Device of nobody': { resourceType: 'Device', status: 'active' },
  'a Group of nobody': { resourceType: 'Group', type: 'person', actual: false },
  'a Schedule of a practitioner': {
    resourceType: 'Schedule',
    actor: [{ reference: 'Practitioner/p' }],
  },
  'an Observation of a room': { ...bare, subject: { reference: 'Location/room' } },
  'a Provenance of an Organization': {
    resourceType: 'Provenance',
    target: [{ reference: 'Organization/hospital' }],
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ who: { display: 'x' } }],
  },
  'a Bundle of what concerns nobody': {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: { resourceType: 'ValueSet', status: 'active' } }],
  },
};

let number = 0;
const named = (resource: Omit<Resource, 'id'>): Resource =>
  ({ ...resource, id: `x-${(number += 1)}` }) as Resource;
const pathOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id}`;

/** In how many ways a caller learns of a resource. */
async function learnt(caller: Caller, resource: Resource): Promise<readonly string[]> {
  const { resourceType: type, id } = resource;
  const ways: [string, boolean][] = [];
  const path = pathOf(resource);
  for (const at of [path, `${path}/_history/1`, `${path}/_history`, `${path}/$meta`]) {
    ways.push([at, (await statusOf(caller, at)) === 200]);
  }
  const found = await ask(caller, 'GET', `${type}?_id=${id}`);
  ways.push(['search', found.status === 200 && idsOf(found).includes(id)]);
  const count = await ask(caller, 'GET', `${type}?_id=${id}&_summary=count`);
  ways.push(['count', count.status === 200 && count.json()['total'] !== 0]);
  for (const history of [`${type}/_history`, '_history?_count=1000']) {
    const answer = await ask(caller, 'GET', history);
    ways.push([history, answer.status === 200 && answer.text.includes(`/${id}"`)]);
  }
  return ways.flatMap(([way, seen]) => (seen ? [way] : []));
}

describe('data whose owner cannot be established', () => {
  for (const [what, resource] of Object.entries(UNASSIGNED)) {
    it(`${what}: are for the custodian alone`, async () => {
      const made = named(resource);
      await put(made);
      for (const [who, caller] of Object.entries({ ...OUTSIDERS, a: people.patientA })) {
        assert.deepEqual(await learnt(caller, made), [], who);
      }
      // Whom a patient here has denied her data may not look for them among these.
      assert.deepEqual(await learnt(people.otherDoctor, made), []);
      assert.equal(await statusOf(people.otherDoctor, pathOf(made)), 403);
      for (const caller of [people.ehr, people.doctor]) {
        const expected = made.resourceType === 'Bundle' ? 7 : 8;
        assert.ok((await learnt(caller, made)).length >= expected, caller.role);
      }
    });
  }

  it('are found through no chain, _has and inclusion by others', async () => {
    await put(
      { ...bare, id: 'chained', subject: { display: 'x' }, device: { reference: 'Device/chain' } },
      { resourceType: 'Device', id: 'chain', status: 'active' },
    );
    const paths = [
      'Device?_id=chain&_has:Observation:device:status=final',
      'Device?_id=chain&_revinclude=Observation:device',
    ];
    for (const caller of [people.pharmacist, people.otherDoctor, people.auditor]) {
      const [has, include] = [
        await ask(caller, 'GET', paths[0] ?? ''),
        await ask(caller, 'GET', paths[1] ?? ''),
      ];
      assert.deepEqual(idsOf(has), []);
      assert.deepEqual(idsOf(include), ['chain']);
    }
    assert.deepEqual(idsOf(await ask(people.doctor, 'GET', paths[0] ?? '')), ['chain']);
    assert.deepEqual(idsOf(await ask(people.doctor, 'GET', paths[1] ?? '')), ['chain', 'chained']);
  });

  it('are taken with a warning that names the element', async () => {
    const answer = await send(
      'POST',
      'Observation',
      { ...bare, subject: { display: 'x' } },
      {
        prefer: 'return=OperationOutcome',
      },
    );
    assert.equal(answer.status, 201);
    assert.match(answer.text, /"warning"/);
    assert.match(answer.text, /"Observation\.subject"/);
    const plain = await send(
      'POST',
      'Observation',
      { ...bare, ...of('a') },
      {
        prefer: 'return=OperationOutcome',
      },
    );
    assert.doesNotMatch(plain.text, /"warning"/);
  });

  it('are changed and deleted by nobody else', async () => {
    await put({ ...bare, id: 'kept' });
    for (const caller of [people.pharmacist, people.patientB, people.patientA]) {
      const own = { ...bare, id: 'kept', ...of('b') };
      assert.equal((await ask(caller, 'PUT', 'Observation/kept', own)).status, 404);
      assert.ok((await ask(caller, 'DELETE', 'Observation/kept')).status >= 403);
      assert.equal((await ask(caller, 'POST', 'Observation', bare)).status, 404);
    }
    assert.equal(await statusOf(people.doctor, 'Observation/kept'), 200);
  });

  it('are not let out by what lets everybody read', async () => {
    const open = await startApp({ CHARTSEAL_POLICY: 'all-normal' });
    try {
      await putsTo(() => open)(
        { ...bare, id: 'open' },
        patient('a', 'A'),
        observation('o', 'a', '1'),
      );
      assert.equal((await open.ask(people.pharmacist, 'GET', 'Observation/o')).status, 200);
      assert.equal((await open.ask(people.pharmacist, 'GET', 'Observation/open')).status, 404);
      const found = await open.ask(people.pharmacist, 'GET', 'Observation?_summary=count');
      assert.equal(found.json()['total'], 1);
      assert.equal((await open.ask(people.ehr, 'GET', 'Observation/open')).status, 200);
    } finally {
      await open.close();
    }
  });
});

describe('an owner is found through', () => {
  for (const [what, resource] of Object.entries(OF_A)) {
    it(what, async () => {
      const made = named(resource);
      await put(made);
      for (const [who, caller] of Object.entries(OUTSIDERS)) {
        assert.deepEqual(await learnt(caller, made), [], who);
      }
      assert.equal(await statusOf(people.otherDoctor, pathOf(made)), 403);
      for (const caller of [people.doctor, people.patientA, people.ehr]) {
        assert.ok((await learnt(caller, made)).length >= 7, caller.role);
      }
    });
  }
});

describe('what concerns nobody', () => {
  for (const [what, resource] of Object.entries(PUBLIC)) {
    it(`${what} is read by all`, async () => {
      const made = named(resource);
      await put(made);
      for (const [who, caller] of Object.entries({ ...OUTSIDERS, denied: people.otherDoctor })) {
        assert.equal(await statusOf(caller, pathOf(made)), 200, who);
        if (made.resourceType === 'Bundle') continue;
        const found = await ask(caller, 'GET', `${made.resourceType}?_id=${made.id}`);
        assert.deepEqual(entriesOf(found).length, 1, who);
      }
    });
  }
});

/** By R4 these are of nobody: definitions, terminology, and who and what there is. */
const REFERENCE_DATA = new Set([
  ...['ActivityDefinition', 'CapabilityStatement', 'CatalogEntry', 'ChargeItemDefinition'],
  ...['CodeSystem', 'CompartmentDefinition', 'ConceptMap', 'DeviceDefinition'],
  ...['EffectEvidenceSynthesis', 'Endpoint', 'EventDefinition', 'Evidence', 'EvidenceVariable'],
  ...['ExampleScenario', 'GraphDefinition', 'HealthcareService', 'ImplementationGuide'],
  ...['InsurancePlan', 'Library', 'Location', 'Measure', 'Medication', 'MedicationKnowledge'],
  ...['MedicinalProduct', 'MedicinalProductAuthorization', 'MedicinalProductContraindication'],
  ...['MedicinalProductIndication', 'MedicinalProductIngredient', 'MedicinalProductInteraction'],
  ...['MedicinalProductManufactured', 'MedicinalProductPackaged'],
  ...['MedicinalProductPharmaceutical', 'MedicinalProductUndesirableEffect', 'MessageDefinition'],
  ...['NamingSystem', 'ObservationDefinition', 'OperationDefinition', 'OperationOutcome'],
  ...['Organization', 'OrganizationAffiliation', 'PlanDefinition', 'Practitioner'],
  ...['PractitionerRole', 'Questionnaire', 'ResearchDefinition', 'ResearchElementDefinition'],
  ...['ResearchStudy', 'RiskEvidenceSynthesis', 'SearchParameter', 'SpecimenDefinition'],
  ...['StructureDefinition', 'StructureMap', 'Subscription', 'Substance', 'SubstanceNucleicAcid'],
  ...['SubstancePolymer', 'SubstanceProtein', 'SubstanceReferenceInformation'],
  ...['SubstanceSourceMaterial', 'SubstanceSpecification', 'TerminologyCapabilities'],
  ...['TestReport', 'TestScript', 'ValueSet'],
]);
/** Of these a resource is nobody's where nobody is named. */
const THINGS = new Set([
  'Device',
  'DeviceMetric',
  'Group',
  'Schedule',
  'Slot',
  'Bundle',
  'Parameters',
]);

/** The same with names in the place of all references and without what it contains. */
function unnamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unnamed);
  if (typeof value !== 'object' || value === null) return value;
  if ('reference' in value && typeof value.reference === 'string') return { display: 'somebody' };
  const kept = Object.entries(value).filter(([name]) => name !== 'contained');
  return Object.fromEntries(kept.map(([name, member]) => [name, unnamed(member)]));
}

describe('of every type of R4', () => {
  it('a resource that names nobody is closed, unless it is reference data', async () => {
    for (const [type, minimal] of minimalResources(r4.resourceTypes)) {
      if (THINGS.has(type) || type === 'Patient') continue;
      const plain = unnamed(minimal) as Omit<Resource, 'id'>;
      const made = named(type === 'Consent' ? { ...plain, status: 'draft' } : plain);
      const written = await send('PUT', pathOf(made), made);
      assert.equal(written.status, 201, `${type} ${written.text}`);
      const expected = REFERENCE_DATA.has(type) ? 200 : 404;
      for (const caller of [people.pharmacist, people.patientB, people.auditor]) {
        assert.equal(await statusOf(caller, pathOf(made)), expected, `${type} ${caller.role}`);
      }
      assert.equal(await statusOf(people.ehr, pathOf(made)), 200, type);
    }
  });
});

describe('where data of nobody are refused', () => {
  it('names the element', async () => {
    const strict = await startApp({ CHARTSEAL_UNASSIGNED: 'refuse' });
    try {
      await putsTo(() => strict)(patient('a', 'A'));
      const post = (body: object) =>
        strict.ask(people.ehr, 'POST', 'Observation', { body: JSON.stringify(body) });
      for (const body of [bare, { ...bare, subject: { display: 'x' } }]) {
        const answer = await post(body);
        assert.equal(answer.status, 422, answer.text);
        assert.match(answer.text, /"Observation\.subject"/);
      }
      assert.equal((await post({ ...bare, ...of('a') })).status, 201);
    } finally {
      await strict.close();
    }
  });
});
