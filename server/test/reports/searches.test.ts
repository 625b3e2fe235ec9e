import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE } from '../support/app.ts';
import { FORM, linkOf, reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
});
afterAll(() => world.server.close());

const idsOf = async (query: string): Promise<readonly string[]> => (await world.find(query)).ids;
const observation = { status: 'final', code: { text: 'x' } };
const coded = (code: string) => ({
  status: 'final',
  code: { coding: [{ system: 'urn:lab', code }] },
});

describe('a search by POST', () => {
  // hapifhir/hapi-fhir#7567
  it('with everything in its URL asks for that, not for all', async () => {
    await world.put('Patient', 'posted');
    await world.put('Patient', 'not-posted');
    for (const parts of [{}, { body: '', headers: { 'content-type': FORM } }]) {
      const answer = await world.ask('POST', 'Patient/_search?_id=posted', parts);
      assert.equal(answer.status, 200, answer.text);
      const { entry } = answer.json() as { entry: { resource: { id: string } }[] };
      assert.deepEqual(
        entry.map(({ resource }) => resource.id),
        ['posted'],
      );
    }
  });

  // LinuxForHealth/FHIR#2187
  it('of a compartment finds what is in it', async () => {
    await world.put('Patient', 'owner');
    await world.put('Observation', 'inside', {
      ...coded('room'),
      subject: { reference: 'Patient/owner' },
    });
    await world.put('Observation', 'outside', coded('room'));
    const path = 'Patient/owner/Observation/_search';
    assert.deepEqual((await world.findByForm(path, 'code=urn%3Alab%7Croom')).ids, ['inside']);
  });
});

describe('what a search finds', () => {
  // medplum/medplum#7170, hapifhir/hapi-fhir#2753
  it('by :not are also those without any value, and none of several values', async () => {
    const identifier = [{ value: 'not' }];
    await world.put('Patient', 'man', { identifier, gender: 'male' });
    await world.put('Patient', 'woman', { identifier, gender: 'female' });
    await world.put('Patient', 'unsaid', { identifier });
    const of = (criteria: string) => idsOf(`Patient?identifier=not&${criteria}`);
    assert.deepEqual(await of('gender:not=female'), ['man', 'unsaid']);
    assert.deepEqual(await of('gender:not=male,female'), ['unsaid']);
    assert.deepEqual(await of('active:not=true'), ['man', 'unsaid', 'woman']);
  });

  // LinuxForHealth/FHIR#1964
  it('over all types has its own address as fullUrl, and nothing of the query', async () => {
    await world.put('Patient', 'anywhere');
    const since = '_lastUpdated=ge2020-03-04T05:06:07';
    const { ids, bundle } = await world.find(`?_type=Patient&_id=anywhere&${since}`);
    assert.deepEqual(ids, ['anywhere']);
    const [entry] = bundle['entry'] as { fullUrl: string }[];
    assert.equal(entry?.fullUrl, `${BASE}/Patient/anywhere`);
  });

  // HealthIntersections/fhirserver#44, FirelyTeam/spark#244, FirelyTeam/spark#6
  it('by a reference tells this server from others, and takes every way of naming it here', async () => {
    await world.put('Patient', 'p1');
    const far = 'https://elsewhere.example.net/r4/Patient/p1';
    await world.put('Observation', 'far', { ...coded('ref'), subject: { reference: far } });
    await world.put('Observation', 'near', {
      ...coded('ref'),
      subject: { reference: 'Patient/p1' },
    });
    for (const [criterion, found] of [
      [`subject=${far}`, 'far'],
      ['subject=Patient/p1', 'near'],
      [`subject=${BASE}/Patient/p1`, 'near'],
      ['subject:Patient=p1', 'near'],
      ['subject:Patient._id=p1', 'near'],
    ] as const) {
      const ids = await idsOf(`Observation?code=urn:lab|ref&${criterion}`);
      assert.deepEqual(ids, [found], criterion);
    }
  });

  // FirelyTeam/spark#526
  it('of Provenance is found by patient and target, and from the patient', async () => {
    await world.put('Patient', 'origin');
    await world.put('Provenance', 'of-origin', {
      target: [{ reference: 'Patient/origin' }],
      recorded: '2023-06-07T08:09:10Z',
      agent: [{ who: { display: 'x' } }],
    });
    for (const name of ['patient', 'target']) {
      assert.deepEqual(await idsOf(`Provenance?${name}=Patient/origin`), ['of-origin'], name);
    }
    const back = await world.find('Patient?_id=origin&_revinclude=Provenance:target');
    assert.deepEqual([back.ids, back.included], [['origin'], ['Provenance/of-origin']]);
  });

  // hapifhir/hapi-fhir#2360, FirelyTeam/spark#329
  it('of Consents is found by patient, status, actor, period, category and date', async () => {
    await world.put('Patient', 'agrees');
    await world.put('Consent', 'agreed', {
      status: 'active',
      scope: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/consentscope',
            code: 'patient-privacy',
          },
        ],
      },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: 'Patient/agrees' },
      dateTime: '2022-10-11',
      policyRule: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
      },
      provision: {
        type: 'permit',
        period: { start: '2022-10-11', end: '2032-10-11' },
        actor: [
          {
            role: {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                  code: 'IRCP',
                },
              ],
            },
            reference: { reference: 'Organization/insurer' },
          },
        ],
      },
    });
    for (const criteria of [
      'patient=Patient%2Fagrees',
      'patient=agrees&status=active&actor=Organization/insurer',
      'patient=agrees&period=ge2024-02-03&category=59284-0',
      'patient=agrees&date=2022-10-11',
    ]) {
      assert.deepEqual(await idsOf(`Consent?${criteria}`), ['agreed'], criteria);
    }
    assert.deepEqual(await idsOf('Consent?patient=origin'), []);
  });
});

describe('a chain inside of _has', () => {
  // hapifhir/hapi-fhir#3263, LinuxForHealth/FHIR#3231
  it('leads on from what refers to the match, also when _has stands in _has', async () => {
    await world.put('Organization', 'house', { name: 'house' });
    await world.put('PractitionerRole', 'role', {
      organization: { reference: 'Organization/house' },
    });
    for (const [suffix, owner] of [
      ['by-role', 'PractitionerRole/role'],
      ['by-house', 'Organization/house'],
    ] as const) {
      await world.put('Observation', `reason-${suffix}`, observation);
      await world.put('Encounter', `stay-${suffix}`, {
        status: 'finished',
        class: { code: 'IMP' },
        reasonReference: [{ reference: `Observation/reason-${suffix}` }],
      });
      await world.put('Task', `task-${suffix}`, {
        status: 'requested',
        intent: 'plan',
        encounter: { reference: `Encounter/stay-${suffix}` },
        owner: { reference: owner },
      });
    }
    const tasks = '_has:Task:encounter:owner';
    const within = '_has:Encounter:reason-reference:';
    for (const [query, id] of [
      [`Encounter?${tasks}=Organization/house`, 'stay-by-house'],
      [`Encounter?${tasks}:PractitionerRole.organization=Organization/house`, 'stay-by-role'],
      [`Observation?${within}${tasks}=Organization/house`, 'reason-by-house'],
      [`Observation?${within}${tasks}:PractitionerRole.organization=house`, 'reason-by-role'],
    ] as const) {
      assert.deepEqual(await idsOf(query), [id], query);
    }
  });
});

describe('what is included', () => {
  // hapifhir/hapi-fhir#7626
  it('is looked at again with :iterate only', async () => {
    const order = { status: 'draft', intent: 'order', subject: { display: 'x' } };
    await world.put('ServiceRequest', 'old', order);
    await world.put('ServiceRequest', 'older', order);
    await world.put('ServiceRequest', 'new', {
      ...order,
      replaces: [{ reference: 'ServiceRequest/old' }, { reference: 'ServiceRequest/older' }],
    });
    const back = '_revinclude=ServiceRequest:replaces';
    for (const [include, included] of [
      ['_include', ['ServiceRequest/new']],
      ['_include:iterate', ['ServiceRequest/new', 'ServiceRequest/older']],
    ] as const) {
      const query = `ServiceRequest?_id=old&${include}=ServiceRequest:replaces&${back}`;
      const found = await world.find(query);
      assert.deepEqual([found.ids, found.included], [['old'], included], include);
    }
  });

  // samply/blaze#3143, LinuxForHealth/FHIR#1158
  it('leads from a practitioner over the role and its department up to the hospital, and back', async () => {
    await world.put('Practitioner', 'surgeon');
    await world.put('Organization', 'hospital-1', { name: 'h' });
    await world.put('Organization', 'surgery', {
      name: 's',
      partOf: { reference: 'Organization/hospital-1' },
    });
    await world.put('PractitionerRole', 'surgeon-there', {
      practitioner: { reference: 'Practitioner/surgeon' },
      organization: { reference: 'Organization/surgery' },
    });
    const up = await world.find(
      'Practitioner?_id=surgeon&_revinclude=PractitionerRole:practitioner' +
        '&_include:iterate=PractitionerRole:organization&_include:iterate=Organization:partof',
    );
    assert.deepEqual(up.ids, ['surgeon']);
    assert.deepEqual(up.included, [
      'Organization/hospital-1',
      'Organization/surgery',
      'PractitionerRole/surgeon-there',
    ]);
    const down = await world.find(
      'Organization?_id=hospital-1&_revinclude:iterate=Organization:partof' +
        '&_revinclude:iterate=PractitionerRole:organization',
    );
    assert.deepEqual(down.ids, ['hospital-1']);
    assert.deepEqual(down.included, ['Organization/surgery', 'PractitionerRole/surgeon-there']);
  });
});

describe('a later page', () => {
  // microsoft/fhir-server#561, microsoft/fhir-server#1631, samply/blaze#4128
  it('has a self link that leads to itself, not to the first one', async () => {
    for (const id of ['q1', 'q2', 'q3', 'q4', 'q5']) {
      await world.put('Patient', id, { identifier: [{ value: 'queue' }] });
    }
    const first = await world.find('Patient?identifier=queue&_count=2&_sort=_id&_total=accurate');
    assert.deepEqual([first.order, first.bundle['total']], [['q1', 'q2'], 5]);
    const second = await world.find(linkOf(first.bundle, 'next'));
    assert.deepEqual(second.order, ['q3', 'q4']);
    const again = await world.find(linkOf(second.bundle, 'self'));
    assert.deepEqual(again.order, ['q3', 'q4']);
    assert.ok(linkOf(again.bundle, 'self'));
  });

  // microsoft/fhir-server#1256, LinuxForHealth/FHIR#3643, hapifhir/hapi-fhir#750
  it('shows the same elements as the first: those asked for, the mandatory ones and the tag', async () => {
    for (const id of ['e1', 'e2', 'e3']) {
      await world.put('Observation', id, { ...coded('elements'), note: [{ text: 'n' }] });
    }
    const first = await world.find('Observation?code=elements&_elements=id&_count=2&_sort=_id');
    assert.deepEqual(first.order, ['e1', 'e2']);
    assert.equal((first.bundle['meta'] as { tag?: unknown } | undefined)?.tag, undefined);
    const second = await world.find(linkOf(first.bundle, 'next'));
    assert.deepEqual(second.order, ['e3']);
    for (const resource of [...first.resources, ...second.resources]) {
      const { status, meta, note } = resource as {
        status: string;
        meta: { tag: { code: string }[] };
        note?: unknown;
      };
      assert.deepEqual([status, meta.tag[0]?.code, note], ['final', 'SUBSETTED', undefined]);
    }
  });
});
