import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  BASE,
  people,
  startApp,
  type Answer,
  type Caller,
  type TestApp,
} from '../../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  labelled,
  linkOf,
  medicationRequest,
  patient,
  putsTo,
  totalOf,
} from '../../support/clinical-samples.ts';

let server: TestApp;
const as = (caller: Caller, path: string): Promise<Answer> => server.ask(caller, 'GET', path);
const put = putsTo(() => server);

/** `Type/id`, or `Type#id` with what is contained by which container. */
const rowsOf = (answer: Answer): readonly string[] => {
  assert.equal(answer.status, 200, answer.text);
  return entriesOf(answer)
    .filter(({ search }) => search?.mode === 'match')
    .map((entry) => {
      const { fullUrl = '' } = entry as { readonly fullUrl?: string };
      assert.ok(fullUrl.endsWith(entry.resource.id), fullUrl);
      return fullUrl.replace(`${BASE}/`, '');
    });
};
const pathOf = (url: string): string => url.slice(`${BASE}/`.length);

const drug = (id: string, code: string, more: object = {}) => ({
  resourceType: 'Medication',
  id,
  code: { coding: [{ system: 'urn:drugs', code }] },
  ...more,
});
const prescribed = (id: string, of: string, ...contained: readonly { readonly id: string }[]) => {
  const { medicationCodeableConcept, ...rest } = medicationRequest(id, of);
  assert.ok(medicationCodeableConcept);
  const [first, ...others] = contained.map((each) => ({ reference: `#${each.id}` }));
  const more = others.length > 0 ? { supportingInformation: others } : {};
  return { ...rest, contained, medicationReference: first, ...more };
};
const dispensed = (id: string, of: string, contained: { readonly id: string }) => ({
  resourceType: 'MedicationDispense',
  id,
  status: 'completed',
  contained: [contained],
  medicationReference: { reference: `#${contained.id}` },
  subject: { reference: `Patient/${of}` },
});
const acme = { resourceType: 'Organization', id: 'acme', name: 'Acme' };
const expiring = (date: string) => ({ batch: { expirationDate: date, lotNumber: date } });

beforeAll(async () => {
  server = await startApp();
  await put(
    patient('a', 'Ahorn'),
    patient('b', 'Berg'),
    acme,
    drug('own-a', 'A'),
    drug('own-b', 'B'),
    prescribed('r1', 'a', drug('m', 'A', { ...expiring('2030-01-01') })),
    prescribed(
      'r2',
      'a',
      drug('x', 'B', { status: 'active' }),
      drug('y', 'A', { manufacturer: { reference: 'Organization/acme' } }),
      drug('z', 'C', { manufacturer: { reference: '#maker' } }),
      { resourceType: 'Organization', id: 'maker', name: 'Maker' } as { readonly id: string },
    ),
    dispensed('d1', 'a', drug('m', 'A')),
    prescribed('hidden', 'b', drug('m', 'A')),
    consent('keep-out', 'b', { type: 'deny', actor: actor('Practitioner/other-doctor') }),
  );
});
afterAll(() => server.close());

const A = 'Medication?code=urn:drugs|A';

describe('search of contained resources', () => {
  it('finds what contains them, of any type, on request only', async () => {
    for (const [query, expected] of [
      [A, ['Medication/own-a']],
      [`${A}&_contained=false`, ['Medication/own-a']],
      [`${A}&_contained=false&_containedType=contained`, ['Medication/own-a']],
      [
        `${A}&_contained=true`,
        [
          'MedicationDispense/d1',
          'MedicationRequest/hidden',
          'MedicationRequest/r1',
          'MedicationRequest/r2',
        ],
      ],
      ['Medication?code=B&_contained=true', ['MedicationRequest/r2']],
      ['Medication?code=B&_contained=both', ['Medication/own-b', 'MedicationRequest/r2']],
      [
        `${A}&_contained=both&_sort=-_id`,
        [
          'MedicationRequest/r2',
          'MedicationRequest/r1',
          'Medication/own-a',
          'MedicationRequest/hidden',
          'MedicationDispense/d1',
        ],
      ],
      ['Medication?code=D&_contained=both', []],
      ['Observation?code=A&_contained=true', []],
      ['Organization?name=maker&_contained=true', ['MedicationRequest/r2']],
    ] as const) {
      const answer = await as(people.doctor, query);
      assert.deepEqual(rowsOf(answer), expected, query);
      assert.equal(totalOf(answer), expected.length, query);
    }
    const posted = await server.ask(people.doctor, 'POST', 'Medication/_search', {
      body: 'code=B&_contained=true&_containedType=container',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual(rowsOf(posted), ['MedicationRequest/r2']);
  });

  it('shows them by themselves on request', async () => {
    const alone = await as(people.doctor, `${A}&_contained=true&_containedType=contained`);
    const inside = [
      'MedicationDispense/d1#m',
      'MedicationRequest/hidden#m',
      'MedicationRequest/r1#m',
      'MedicationRequest/r2#y',
    ];
    assert.deepEqual(rowsOf(alone), inside);
    assert.ok(entriesOf(alone).every(({ resource }) => resource.resourceType === 'Medication'));
    const both = await as(people.doctor, `${A}&_contained=both&_containedType=contained`);
    assert.deepEqual(rowsOf(both), ['Medication/own-a', ...inside]);
    const any = await as(
      people.doctor,
      'Medication?_contained=true&_containedType=contained&_sort=_id',
    );
    assert.deepEqual(rowsOf(any), [
      'MedicationDispense/d1#m',
      'MedicationRequest/hidden#m',
      'MedicationRequest/r1#m',
      'MedicationRequest/r2#x',
      'MedicationRequest/r2#y',
      'MedicationRequest/r2#z',
    ]);
  });

  it('asks every criterion of the same contained resource', async () => {
    for (const [criteria, expected] of [
      ['code=B&status=active', ['MedicationRequest/r2#x']],
      ['code=A&status=active', []],
      ['code=A&manufacturer=Organization/acme', ['MedicationRequest/r2#y']],
      ['code=A&manufacturer.name=acme', ['MedicationRequest/r2#y']],
      ['manufacturer.name=maker', ['MedicationRequest/r2#z']],
      ['code=B&manufacturer.name=acme', []],
      ['_id=y,z', ['MedicationRequest/r2#y', 'MedicationRequest/r2#z']],
      ['_id=r2', []],
      ['expiration-date=2030', ['MedicationRequest/r1#m']],
      ['expiration-date=lt2029', []],
      ['code:not=A&manufacturer:missing=true', ['MedicationRequest/r2#x']],
      ['_filter=code eq A and (expiration-date eq 2030-01-01)', ['MedicationRequest/r1#m']],
      ['code=B,C&_sort=-_id', ['MedicationRequest/r2#x', 'MedicationRequest/r2#z']],
    ] as const) {
      const answer = await as(
        people.doctor,
        `Medication?${criteria}&_contained=true&_containedType=contained`,
      );
      assert.deepEqual(rowsOf(answer), expected, criteria);
      const containers = [...new Set(expected.map((row) => row.replace(/#.*/, '')))];
      const around = await as(people.doctor, `Medication?${criteria}&_contained=true`);
      assert.deepEqual(rowsOf(around), containers, criteria);
    }
  });

  it('gives each in its own bytes', async () => {
    const text = `{ "resourceType" : "Medication", "id":"exact",
      "amount": {"numerator": {"value": 1.00}, "denominator":{"value":1e0}}, "code":{"text":"Täglich \\u00e9"} }`;
    const around = JSON.stringify({ ...prescribed('exact', 'a', { id: 'exact' }), contained: [0] });
    const made = await server.ask(people.ehr, 'PUT', 'MedicationRequest/exact', {
      body: around.replace('[0]', `[ ${text} ]`),
    });
    assert.equal(made.status, 201, made.text);
    const found = 'Medication?_id=exact&_contained=true&_containedType=contained';
    const answer = await as(people.doctor, found);
    assert.ok(answer.text.includes(`"resource":${text},"search"`), answer.text);
    const shaped = await as(people.doctor, `${found}&_elements=amount`);
    assert.ok(shaped.text.includes('"numerator": {"value": 1.00}'), shaped.text);
    assert.ok(!shaped.text.includes('glich') && shaped.text.includes('SUBSETTED'), shaped.text);
    const counted = await as(people.doctor, `${found}&_summary=count`);
    assert.deepEqual([totalOf(counted), entriesOf(counted)], [1, []]);
    await server.ask(people.ehr, 'DELETE', 'MedicationRequest/exact');
    assert.deepEqual(rowsOf(await as(people.doctor, found)), []);
  });

  it('finds those without an id, which have no URL', async () => {
    const inner = {
      resourceType: 'Basic',
      code: { text: 'nameless' },
      subject: { reference: '#' },
    };
    await put({ ...medicationRequest('around', 'a'), contained: [inner, inner] });
    const found = 'Basic?subject:missing=false&_contained=true';
    assert.deepEqual(rowsOf(await as(people.doctor, found)), ['MedicationRequest/around']);
    const alone = await as(people.doctor, `${found}&_containedType=contained`);
    assert.equal(totalOf(alone), 2);
    assert.deepEqual(
      entriesOf(alone),
      [inner, inner].map((resource) => ({ resource, search: { mode: 'match' } })),
    );
    const xml = await server.ask(people.doctor, 'GET', `${found}&_containedType=contained`, {
      headers: { accept: 'application/fhir+xml' },
    });
    assert.equal(xml.text.match(/<text value="nameless"\/>/g)?.length, 2, xml.text);
    await server.ask(people.ehr, 'DELETE', 'MedicationRequest/around');
  });

  it('takes the id of a contained patient for nobody', async () => {
    const inner = { resourceType: 'Patient', id: 'b', name: [{ family: 'Inside' }] };
    const { subject, ...rest } = medicationRequest('theirs', 'a');
    assert.ok(subject);
    await put({ ...rest, contained: [inner], subject: { reference: '#b' } });
    const found = 'Patient?_id=b&_contained=true&_containedType=contained';
    const logged = async (): Promise<number> =>
      entriesOf(await as(people.patientB, 'Patient/b/$access-log')).length;
    const own = -(await logged()) + (await logged());
    const before = await logged();
    assert.deepEqual(rowsOf(await as(people.ehr, found)), ['MedicationRequest/theirs#b']);
    assert.equal(await logged(), before + own);
    await as(people.ehr, 'Patient?_id=b');
    assert.equal(await logged(), before + 2 * own + 1);
    await server.ask(people.ehr, 'DELETE', 'MedicationRequest/theirs');
  });

  it('pages through rows in both directions, as of one moment', async () => {
    const query = `${A}&_contained=both&_containedType=contained&_total=accurate`;
    const whole = rowsOf(await as(people.doctor, `${query}&_count=50`));
    assert.equal(whole.length, 5);
    let page = await as(people.doctor, `${query}&_count=2`);
    const seen = [...rowsOf(page)];
    await put(prescribed('r15', 'a', drug('m', 'A')), prescribed('r2', 'a', drug('x', 'B')));
    for (let next = linkOf(page, 'next'); next !== undefined; next = linkOf(page, 'next')) {
      assert.match(next, /_contained=both&_containedType=contained/);
      page = await as(people.doctor, pathOf(next));
      assert.equal(totalOf(page), 5);
      seen.push(...rowsOf(page));
    }
    assert.deepEqual(seen, whole);
    const back = [...rowsOf(page)];
    for (let to = linkOf(page, 'previous'); to !== undefined; to = linkOf(page, 'previous')) {
      page = await as(people.doctor, pathOf(to));
      back.unshift(...rowsOf(page));
    }
    assert.deepEqual(back, whole);
    const now = await as(people.doctor, `${A}&_contained=true&_containedType=contained`);
    assert.deepEqual(rowsOf(now), [
      'MedicationDispense/d1#m',
      'MedicationRequest/hidden#m',
      'MedicationRequest/r1#m',
      'MedicationRequest/r15#m',
    ]);
  });
});

describe('what may not be seen', () => {
  const found = [
    `${A}&_contained=true`,
    `${A}&_contained=true&_containedType=contained&_total=accurate`,
    `${A}&_contained=both&_summary=count`,
    `${A}&_contained=both&_containedType=contained&_sort=-_lastUpdated&_count=20`,
    'Medication?_id=m&_contained=true&_sort=_id',
    'Medication?code:not=B&_contained=true&_containedType=contained&_summary=count',
  ];

  it('is as if it did not exist, which consent decides about the container', async () => {
    const inside = `${A}&_contained=true&_containedType=contained`;
    const seen = await as(people.doctor, inside);
    assert.ok(rowsOf(seen).includes('MedicationRequest/hidden#m'));
    const kept = await as(people.otherDoctor, inside);
    assert.deepEqual(
      rowsOf(kept),
      rowsOf(seen).filter((row) => !row.includes('hidden')),
    );
    assert.equal(totalOf(kept), Number(totalOf(seen)) - 1);
    const probe = async (caller: Caller): Promise<readonly string[]> => {
      const answers = await Promise.all(found.map((query) => as(caller, query)));
      return answers.map(({ status, text }) => {
        // Links hold the moment of the search.
        const plain = text
          .replaceAll(/_cursor=[^"&]+/g, '')
          .replaceAll(/\d{4}-\d\d-\d\dT[^"]+/g, '');
        return `${status} ${plain}`;
      });
    };
    const before = [await probe(people.otherDoctor), await probe(people.doctor)];
    await server.ask(people.ehr, 'DELETE', 'MedicationRequest/hidden');
    const gone = [await probe(people.otherDoctor), await probe(people.doctor)];
    await put(prescribed('hidden', 'b', drug('m', 'A')));
    assert.deepEqual(gone[0], before[0]);
    for (const [i, answer] of (gone[1] ?? []).entries()) {
      assert.notEqual(answer, before[1]?.[i], found[i]);
    }
  });

  it('is not counted where only looking at the container tells', async () => {
    await put(
      patient('c', 'Cox'),
      prescribed('c1', 'c', drug('m', 'X'), drug('n', 'Y')),
      prescribed('c2', 'c', drug('m', 'Z'), drug('n', 'Y')),
      consent('no-x', 'c', {
        type: 'deny',
        actor: actor('Practitioner/other-doctor'),
        code: [{ coding: [{ system: 'urn:drugs', code: 'X' }] }],
      }),
    );
    for (const [query, all, left] of [
      ['code=Y', ['MedicationRequest/c1#n', 'MedicationRequest/c2#n'], ['MedicationRequest/c2#n']],
      ['code=X', ['MedicationRequest/c1#m'], []],
    ] as const) {
      const asked = `Medication?${query}&_contained=true&_containedType=contained`;
      for (const [caller, expected] of [
        [people.doctor, all],
        [people.otherDoctor, left],
      ] as const) {
        assert.deepEqual(rowsOf(await as(caller, asked)), expected);
        for (const more of ['&_summary=count', '&_total=accurate&_count=1']) {
          assert.equal(totalOf(await as(caller, asked + more)), expected.length);
        }
        const around = await as(caller, `Medication?${query}&_contained=true&_summary=count`);
        assert.equal(totalOf(around), expected.length);
      }
    }
  });

  it('stays unknown without a scope for the type of the container', async () => {
    const scope = 'user/Medication.rs user/MedicationDispense.rs';
    const narrow = { ...people.doctor, scope };
    for (const more of ['', '&_containedType=contained']) {
      const answer = await as(narrow, `${A}&_contained=true${more}&_total=accurate`);
      assert.equal(totalOf(answer), 1);
      assert.ok(rowsOf(answer).every((row) => row.startsWith('MedicationDispense/d1')));
      assert.match(answer.text, /than Medication, MedicationDispense"/);
      const wide = await as(people.doctor, `${A}&_contained=true${more}`);
      assert.ok(rowsOf(wide).some((row) => row.startsWith('MedicationRequest')));
      assert.doesNotMatch(wide.text, /OperationOutcome/);
    }
    const others = { ...people.doctor, scope: 'user/MedicationRequest.rs' };
    assert.equal((await as(others, `${A}&_contained=true`)).status, 403);
    const leading = 'Medication?manufacturer.name=acme&_contained=true';
    assert.equal((await as(narrow, leading)).status, 403);
    assert.equal((await as(people.doctor, leading)).status, 200);
  });

  it('is as the queries of scopes leave of the containers', async () => {
    const scope = 'user/Medication.rs user/MedicationRequest.rs?status=completed';
    const limited = { ...people.doctor, scope };
    const asked = `${A}&_contained=true&_containedType=contained`;
    assert.deepEqual(rowsOf(await as(limited, asked)), []);
    const active = { ...limited, scope: scope.replace('completed', 'active') };
    assert.ok(rowsOf(await as(active, asked)).includes('MedicationRequest/r1#m'));
    assert.deepEqual(rowsOf(await as({ ...people.patientB, scope: 'patient/*.rs' }, asked)), [
      'MedicationRequest/hidden#m',
    ]);
  });
});

describe('an answer with contained resources', () => {
  const inside = '_contained=true&_containedType=contained';

  it('has the labels of what is around them', async () => {
    await put(labelled(prescribed('secret', 'a', drug('m', 'S'), drug('n', 'S')), 'N'));
    const answer = await as(people.ehr, `Medication?code=S&${inside}`);
    assert.deepEqual(rowsOf(answer), ['MedicationRequest/secret#m', 'MedicationRequest/secret#n']);
    const { meta } = answer.json() as { readonly meta?: { readonly security: readonly object[] } };
    const system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
    assert.deepEqual(meta, { security: [{ system, code: 'N' }] });
    const around = await as(people.ehr, 'Medication?code=S&_contained=true');
    assert.equal(around.json()['meta'], undefined);
  });

  it('is recorded once for each container', async () => {
    await server.ask(people.ehr, 'DELETE', 'MedicationRequest/secret');
    await put(prescribed('twice', 'a', drug('m', 'T'), drug('n', 'T')));
    assert.equal(rowsOf(await as(people.doctor, `Medication?code=T&${inside}`)).length, 2);
    const log = await as(people.patientA, 'Patient/a/$access-log');
    assert.equal(log.status, 200);
    const last = entriesOf(log).filter(({ resource }) =>
      /"search-type".*MedicationRequest\/twice/.test(JSON.stringify(resource)),
    );
    assert.equal(last.length, 1, log.text);
    assert.equal(JSON.stringify(last).split('MedicationRequest/twice/_history/1').length - 1, 1);
  });

  it('says what was evaluated, and names what was not', async () => {
    const query = `Medication?code=B&nonsense=1&${inside}&_count=7`;
    const headers = { prefer: 'handling=lenient' };
    const answer = await server.ask(people.doctor, 'GET', query, { headers });
    assert.deepEqual(rowsOf(answer), ['MedicationRequest/r2#x']);
    const self = linkOf(answer, 'self') ?? '';
    for (const part of ['code=B', '_contained=true', '_containedType=contained', '_count=7'])
      assert.ok(self.includes(part), self);
    assert.doesNotMatch(self, /nonsense/);
    assert.match(answer.text, /http\.nonsense/);
    const off = await as(people.doctor, 'Medication?code=B&_contained=false');
    assert.match(linkOf(off, 'self') ?? '', /_contained=false/);
  });

  it('includes what containers refer to, and is refused where it would be wrong', async () => {
    const included = await as(
      people.doctor,
      'Medication?code=B&_contained=true&_include=MedicationRequest:patient&_elements=status',
    );
    assert.deepEqual(
      entriesOf(included).map(({ resource: { resourceType, id } }) => `${resourceType}/${id}`),
      ['MedicationRequest/r2', 'Patient/a'],
    );
    for (const [path, status, name] of [
      ['Medication?_contained=yes', 400, '_contained'],
      ['Medication?_contained=true&_contained=true', 400, '_contained'],
      ['Medication?_contained=true&_containedType=both', 400, '_containedType'],
      ['Medication?_contained:exact=true', 400, '_contained'],
      ['Medication?_contained=true&_sort=code', 400, '_sort'],
      ['Medication?_contained=true&_lastUpdated=gt2020', 400, '_lastUpdated'],
      ['Medication?_contained=true&_content=x', 400, '_content'],
      ['Medication?_contained=true&_list=l', 400, '_list'],
      ['Medication?_contained=both&_has:MedicationRequest:medication:status=active', 400, '_has'],
      ['Medication?_contained=true&_filter=_lastUpdated gt 2020', 400, '_filter'],
      [`Medication?${inside}&_include=Medication:manufacturer`, 400, '_include'],
      [`Medication?${inside}&_revinclude=*`, 400, '_revinclude'],
      ['?_type=Medication&_contained=true', 400, '_contained'],
      ['Patient/a/MedicationRequest?_contained=both', 400, '_contained'],
      ['Patient/a/*?_contained=true', 400, '_contained'],
    ] as const) {
      const refused = await as(people.doctor, path.replaceAll(' ', '%20'));
      assert.equal(refused.status, status, `${path} ${refused.text}`);
      assert.ok(refused.text.includes(`"http.${name}`), `${path} ${refused.text}`);
    }
  });

  it('is no condition', async () => {
    const create = (condition: string) =>
      server.ask(people.doctor, 'POST', 'Medication', {
        body: JSON.stringify({ resourceType: 'Medication' }),
        headers: { 'if-none-exist': condition },
      });
    for (const condition of ['code=A&_contained=true', '_contained=both', '_contained=false']) {
      assert.equal((await create(condition)).status, 400, condition);
    }
    assert.equal((await create('code=A&_contained=false')).status, 200);
  });
});
