import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  linkOf,
  medicationRequest,
  observation,
  patient,
  putsTo,
  totalOf,
} from '../../support/clinical-samples.ts';

let server: TestApp;
const as = (caller: Caller, path: string): Promise<Answer> => server.ask(caller, 'GET', path);
const put = putsTo(() => server);

/** `Type/id` of the matches, in their order. */
const namesOf = (answer: Answer): readonly string[] => {
  assert.equal(answer.status, 200, answer.text);
  return entriesOf(answer)
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`);
};
const pathOf = (url: string): string =>
  url.slice(url.indexOf('/fhir') + '/fhir'.length).replace(/^\//, '');

const tagged = <T extends object>(resource: T, code: string) => ({
  ...resource,
  meta: { tag: [{ system: 'urn:t', code }] },
});
const device = { resourceType: 'Device', id: 'meter', status: 'active' };
const practitioner = { resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'Amsel' }] };
const encounter = {
  resourceType: 'Encounter',
  id: 'visit',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/b' },
  participant: [{ individual: { reference: 'Practitioner/doctor' } }],
};
const related = {
  resourceType: 'RelatedPerson',
  id: 'aunt',
  patient: { reference: 'Patient/b' },
};

beforeAll(async () => {
  server = await startApp();
  await put(
    patient('b', 'Berg'),
    patient('c', 'Cox'),
    practitioner,
    related,
    device,
    encounter,
    tagged(
      {
        ...observation('b1', 'b', '1-1'),
        encounter: { reference: 'Encounter/visit' },
        performer: [{ reference: 'RelatedPerson/aunt' }, { reference: 'Practitioner/doctor' }],
        device: { reference: 'Device/meter' },
      },
      'x',
    ),
    tagged(observation('c1', 'c', '1-1'), 'x'),
    tagged(medicationRequest('b2', 'b'), 'x'),
    tagged(medicationRequest('c2', 'c'), 'y'),
  );
});
afterAll(() => server.close());

describe('search of the whole server', () => {
  it('finds resources of all types, in one order, with one total', async () => {
    const all = await as(people.doctor, '?_tag=x&_total=accurate');
    assert.deepEqual(namesOf(all), ['MedicationRequest/b2', 'Observation/b1', 'Observation/c1']);
    assert.equal(totalOf(all), 3);
    const newest = await as(people.doctor, '?_tag=x,y&_sort=-_lastUpdated');
    assert.deepEqual(namesOf(newest), [
      'MedicationRequest/c2',
      'MedicationRequest/b2',
      'Observation/c1',
      'Observation/b1',
    ]);
    const oldest = await as(people.doctor, '?_type=Observation,Patient&_sort=_lastUpdated');
    assert.deepEqual(namesOf(oldest), [
      'Patient/b',
      'Patient/c',
      'Observation/b1',
      'Observation/c1',
    ]);
    assert.deepEqual(namesOf(await as(people.doctor, '?_id=b1,c2')), [
      'MedicationRequest/c2',
      'Observation/b1',
    ]);
    const none = await as(people.doctor, '?_tag=z&_summary=count');
    assert.deepEqual([namesOf(none), totalOf(none)], [[], 0]);
    const counted = await as(people.doctor, '?_tag=x&_summary=count');
    assert.deepEqual([namesOf(counted), totalOf(counted)], [[], 3]);
  });

  it('takes a parameter that all named types have, and refuses others by name', async () => {
    const types = '?_type=Observation,MedicationRequest';
    assert.deepEqual(namesOf(await as(people.doctor, `${types}&patient=b`)), [
      'MedicationRequest/b2',
      'Observation/b1',
    ]);
    assert.deepEqual(namesOf(await as(people.doctor, `${types}&patient.family=Cox`)), [
      'MedicationRequest/c2',
      'Observation/c1',
    ]);
    for (const [query, name] of [
      [`${types}&intent=order`, 'intent'],
      ['?patient=b', 'patient'],
      ['?_type=Nothing', '_type'],
      ['?_type=Observation&_type=Patient', '_type'],
      [`${types}&_sort=intent`, '_sort'],
      ['?_sort=status', '_sort'],
      ['?_type=GraphDefinition,Slot&_sort=start', '_sort'],
      [`${types}&_elements=status,nonsense`, '_elements'],
      [`${types}&_include=Patient:organization`, '_include'],
    ] as const) {
      const answer = await as(people.doctor, query);
      assert.equal(answer.status, 400, `${query}: ${answer.text}`);
      assert.match(answer.text, new RegExp(`"expression":\\["http\\.${name}"\\]`), query);
    }
  });

  it('is in the order of parameters that all named types have', async () => {
    for (const [sort, names] of [
      ['status', 'MedicationRequest/b2 MedicationRequest/c2 Observation/b1 Observation/c1'],
      ['-status', 'Observation/b1 Observation/c1 MedicationRequest/b2 MedicationRequest/c2'],
      ['patient', 'MedicationRequest/b2 Observation/b1 MedicationRequest/c2 Observation/c1'],
      ['-patient,_id', 'Observation/c1 MedicationRequest/c2 Observation/b1 MedicationRequest/b2'],
      [
        '-patient.family',
        'MedicationRequest/c2 Observation/c1 MedicationRequest/b2 Observation/b1',
      ],
      ['subject.family', 'MedicationRequest/b2 Observation/b1 MedicationRequest/c2 Observation/c1'],
    ] as const) {
      const path = `?_type=Observation,MedicationRequest&_sort=${sort}`;
      const found: string[] = [];
      let page = await as(people.doctor, `${path}&_count=1`);
      for (;;) {
        found.push(...namesOf(page));
        const next = linkOf(page, 'next');
        if (next === undefined) break;
        page = await as(people.doctor, pathOf(next));
      }
      assert.deepEqual(found, names.split(' '), sort);
      assert.deepEqual(namesOf(await as(people.doctor, path)), found, sort);
    }
  });

  it('ignores, for all types, what one of them does not know when asked to be lenient', async () => {
    const answer = await server.ask(
      people.doctor,
      'GET',
      '?_type=Observation,MedicationRequest&intent=nonsense&patient=b',
      {
        headers: { prefer: 'handling=lenient' },
      },
    );
    assert.deepEqual(namesOf(answer), ['MedicationRequest/b2', 'Observation/b1']);
    const outcome = entriesOf(answer).find(({ search }) => search?.mode === 'outcome');
    assert.match(JSON.stringify(outcome), /http\.intent/);
    assert.equal(
      pathOf(linkOf(answer, 'self') ?? ''),
      '?_type=MedicationRequest,Observation&patient=b',
    );
  });

  it('pages through all types by its own links', async () => {
    for (const sort of ['', '&_sort=-_lastUpdated', '&_sort=_id']) {
      const whole = namesOf(await as(people.doctor, `?_tag=x,y${sort}`));
      assert.equal(whole.length, 4);
      const found: string[] = [];
      let path: string | undefined = `?_tag=x,y&_count=1${sort}`;
      for (let pages = 0; path !== undefined; pages += 1) {
        assert.ok(pages < 9);
        const page: Answer = await as(people.doctor, path);
        found.push(...namesOf(page));
        const next: string | undefined = linkOf(page, 'next');
        path = next === undefined ? undefined : pathOf(next);
      }
      assert.deepEqual(found, whole);
    }
  });

  it('brings along, shows parts, and may be posted', async () => {
    const included = await as(
      people.doctor,
      '?_tag=x&_include=Observation:device&_include=MedicationRequest:subject',
    );
    const along = entriesOf(included).filter(({ search }) => search?.mode === 'include');
    assert.deepEqual(along.map(({ resource }) => resource.id).sort(), ['b', 'meter']);
    const parts = await as(people.doctor, '?_tag=x&_elements=intent,device');
    assert.match(parts.text, /"intent":"order"/);
    assert.match(parts.text, /"device":/);
    assert.doesNotMatch(parts.text, /performer/);
    const posted = await server.ask(people.doctor, 'POST', '_search?_tag=x', {
      body: '_type=Observation',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual(namesOf(posted), ['Observation/b1', 'Observation/c1']);
  });

  it('is of the types that the scopes let be searched, and says so', async () => {
    const narrow = { ...people.doctor, scope: 'user/Observation.rs user/Patient.rs' };
    const answer = await as(narrow, '?_tag=x');
    assert.deepEqual(namesOf(answer), ['Observation/b1', 'Observation/c1']);
    assert.equal(pathOf(linkOf(answer, 'self') ?? ''), '?_type=Observation,Patient&_tag=x');
    assert.equal((await as(narrow, '?_type=Observation,MedicationRequest')).status, 403);
    assert.equal(
      (await as({ ...people.doctor, scope: 'user/Observation.c' }, '?_tag=x')).status,
      403,
    );
    const own = { ...people.patientB, scope: 'patient/*.rs' };
    assert.deepEqual(namesOf(await as(own, '?_tag=x,y&_total=accurate')), [
      'MedicationRequest/b2',
      'Observation/b1',
    ]);
  });
});

describe('search of a compartment', () => {
  it('finds what lies in it', async () => {
    for (const [path, expected] of [
      ['Patient/b/Observation', ['Observation/b1']],
      ['Patient/b/Observation?code=1-1', ['Observation/b1']],
      ['Patient/b/Observation?code=1-2', []],
      ['Patient/nobody/Observation', []],
      ['Patient/b/Patient', ['Patient/b']],
      ['Patient/b/*?_tag=x', ['MedicationRequest/b2', 'Observation/b1']],
      ['Patient/b/*?_type=Observation', ['Observation/b1']],
      [
        'Patient/b/*',
        [
          'Encounter/visit',
          'MedicationRequest/b2',
          'Observation/b1',
          'Patient/b',
          'RelatedPerson/aunt',
        ],
      ],
      ['Encounter/visit/Observation', ['Observation/b1']],
      ['Encounter/visit/*', ['Encounter/visit', 'Observation/b1']],
      ['RelatedPerson/aunt/Observation', ['Observation/b1']],
      ['RelatedPerson/aunt/*', ['Observation/b1', 'RelatedPerson/aunt']],
      ['Practitioner/doctor/*', ['Encounter/visit', 'Observation/b1', 'Practitioner/doctor']],
      ['Practitioner/other/*', []],
      ['Device/meter/Observation', ['Observation/b1']],
      ['Device/meter/*', ['Observation/b1']],
    ] as const) {
      const answer = await as(people.doctor, path);
      assert.deepEqual(namesOf(answer), expected, path);
      assert.equal(pathOf(linkOf(answer, 'self') ?? ''), path);
    }
    const posted = await server.ask(people.doctor, 'POST', 'Patient/b/Observation/_search', {
      body: 'code=1-1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual(namesOf(posted), ['Observation/b1']);
  });

  it('refuses what no compartment is or holds', async () => {
    for (const [path, status] of [
      ['Patient/b/Medication', 404],
      ['Observation/b1/Patient', 404],
      ['Patient/b/Nonsense', 404],
      ['Patient/b/*?_type=Medication', 400],
      ['Patient/b/*?code=1-1', 400],
      [`Patient/${'x'.repeat(65)}/Observation`, 400],
    ] as const) {
      assert.equal((await as(people.doctor, path)).status, status, path);
    }
  });
});

describe('search of several types under consent', () => {
  it('tells nothing of what is refused: matches, totals, pages', async () => {
    const probes = [
      '?_tag=x&_total=accurate',
      '?_tag=x,y&_count=1&_sort=-_lastUpdated&_total=accurate',
      '?_type=Observation,MedicationRequest&patient.family=Hidden&_summary=count',
      'Practitioner/doctor/*?_total=accurate',
      'Encounter/visit/*?_total=accurate',
    ];
    const plain = ({ status, text }: Answer): string =>
      `${status} ${text.replaceAll(/\d{4}-\d\d-\d\dT[^"]+/g, 'T').replaceAll(/_cursor=[^"]+/g, '')}`;
    const before = [];
    for (const probe of probes) before.push(plain(await as(people.otherDoctor, probe)));
    await put(patient('a', 'Hidden'));
    await put(
      tagged(
        {
          ...observation('a1', 'a', '1-1'),
          performer: [{ reference: 'Practitioner/doctor' }],
          encounter: { reference: 'Encounter/visit' },
        },
        'x',
      ),
    );
    await put(consent('none', 'a', { type: 'deny', actor: actor('Practitioner/other-doctor') }));
    for (const [i, probe] of probes.entries()) {
      assert.equal(plain(await as(people.otherDoctor, probe)), before[i], probe);
    }
    assert.ok(namesOf(await as(people.doctor, '?_tag=x')).includes('Observation/a1'));
    const refused = await as(people.otherDoctor, 'Patient/a/*');
    assert.equal(refused.status, 403);
    assert.ok(namesOf(await as(people.doctor, 'Patient/a/*')).includes('Observation/a1'));
  });
});
