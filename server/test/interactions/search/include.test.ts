import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  looselyLabelled,
  observation,
  patient,
  putsTo,
} from '../../support/clinical-samples.ts';

let server: TestApp;
const as = (caller: Caller, path: string): Promise<Answer> => server.ask(caller, 'GET', path);
const put = putsTo(() => server);
const members = (...ids: string[]) => ({
  hasMember: ids.map((id) => ({ reference: `Observation/${id}` })),
});
const modes = (answer: Answer): readonly string[] =>
  entriesOf(answer).map(({ resource, search }) => `${search?.mode} ${resource.id}`);

beforeAll(async () => {
  server = await startApp();
  await put(
    { resourceType: 'Organization', id: 'north', name: 'north' },
    {
      resourceType: 'Practitioner',
      id: 'pat',
      name: [{ family: 'P' }],
    },
    { ...patient('b', 'Berg'), managingOrganization: { reference: 'Organization/north' } },
    patient('c', 'Chan'),
    {
      ...observation('one', 'b', 'x'),
      ...members('two'),
      performer: [{ reference: 'Practitioner/pat' }, { reference: 'Organization/north' }],
    },
    { ...observation('two', 'b', 'y'), ...members('three') },
    { ...observation('three', 'b', 'z'), ...members('one', 'gone') },
    { ...observation('start', 'c', 's'), ...members('hidden') },
    { ...looselyLabelled(observation('hidden', 'c', 't'), 'V'), ...members('beyond') },
    observation('beyond', 'c', 'u'),
    patient('d', 'Dahl'),
    { ...observation('d-start', 'd', 's'), ...members('d-coded') },
    { ...observation('d-coded', 'd', 'private'), ...members('d-beyond') },
    observation('d-beyond', 'd', 'u'),
    consent('coded', 'd', {
      type: 'permit',
      actor: actor('Practitioner/doctor'),
      provision: [
        {
          type: 'deny',
          code: [{ coding: [{ system: 'http://loinc.org', code: 'private' }] }],
        },
      ],
    }),
  );
});
afterAll(() => server.close());

/** With the longest time, in milliseconds of this thread's processor time, that others waited for their turn meanwhile. */
async function watched<T>(act: () => Promise<T>): Promise<{ result: T; longest: number }> {
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let [longest, since] = [0, spent()];
  const turn = (): void => {
    longest = Math.max(longest, spent() - since);
    since = spent();
  };
  const turns = setInterval(turn, 1);
  try {
    const result = await act();
    turn();
    return { result, longest };
  } finally {
    clearInterval(turns);
  }
}

describe('_include and _revinclude', () => {
  it('bring along what is referred to and what refers, once, after the matches', async () => {
    for (const [query, expected] of [
      ['_include=Observation:subject', ['match one', 'include b']],
      ['_include=Observation:subject:Patient', ['match one', 'include b']],
      ['_include=Observation:subject:Group', ['match one']],
      ['_include=Observation:performer', ['match one', 'include pat', 'include north']],
      ['_include=Observation:performer:Organization', ['match one', 'include north']],
      ['_include=Observation:subject&_include=Observation:patient', ['match one', 'include b']],
      ['_revinclude=Observation:has-member', ['match one', 'include three']],
      ['_include=Observation:has-member', ['match one', 'include two']],
      ['_include:iterate=Observation:has-member', ['match one', 'include two', 'include three']],
      ['_revinclude:iterate=Observation:has-member', ['match one', 'include three', 'include two']],
      [
        '_include=Observation:subject&_include:iterate=Patient:organization',
        ['match one', 'include b', 'include north'],
      ],
    ] as const) {
      const answer = await as(people.doctor, `Observation?_id=one&${query}`);
      assert.deepEqual([...modes(answer)].sort(), [...expected].sort(), query);
      assert.equal(modes(answer)[0], 'match one');
    }
  });

  it('take * for every reference', async () => {
    const all = await as(people.doctor, 'Observation?_id=one&_include=*');
    assert.deepEqual(idsOf(all), ['b', 'north', 'one', 'pat', 'two']);
    const of = await as(people.doctor, 'Observation?_id=one&_include=Observation:*');
    assert.deepEqual(idsOf(of), idsOf(all));
    const back = await as(people.doctor, 'Patient?_id=b&_revinclude=*');
    assert.deepEqual(idsOf(back), ['b', 'one', 'three', 'two']);
    const typed = await as(people.doctor, 'Patient?_id=b&_revinclude=Observation:*');
    assert.deepEqual(idsOf(typed), idsOf(back));
    const ever = await as(people.doctor, 'Patient?_id=b&_revinclude:iterate=*&_include:iterate=*');
    assert.deepEqual(idsOf(ever), ['b', 'north', 'one', 'pat', 'three', 'two']);
  });

  it('count matches only', async () => {
    const query = 'Observation?patient=b&_include=Observation:patient&_total=accurate&_count=2';
    const answer = await as(people.doctor, query);
    assert.equal(answer.json()['total'], 3);
    assert.equal(modes(answer).filter((mode) => mode.startsWith('match')).length, 2);
    assert.equal(modes(answer).filter((mode) => mode.startsWith('include')).length, 1);
    const self = (answer.json()['link'] as { url: string }[])[0]?.url ?? '';
    assert.match(self, /_include=Observation:patient/);
  });

  it('give nothing of types that the scopes leave out', async () => {
    const query = 'Observation?_id=one&_include=*';
    const narrow = { ...people.doctor, scope: 'user/Observation.rs user/Patient.rs' };
    assert.deepEqual(idsOf(await as(narrow, query)), ['b', 'one', 'two']);
    const back = { ...people.doctor, scope: 'user/Patient.rs' };
    assert.deepEqual(idsOf(await as(back, 'Patient?_id=b&_revinclude=*')), ['b']);
  });

  it('do not lead through what is hidden', async () => {
    const query = 'Observation?_id=start&_include:iterate=Observation:has-member';
    assert.deepEqual(idsOf(await as(people.doctor, query)), ['start']);
    const own = { role: 'patient', patient: 'c', user: 'Patient/c', scope: 'patient/*.rs' };
    assert.deepEqual(idsOf(await as(own, query)), ['beyond', 'hidden', 'start']);
    const back = 'Observation?_id=beyond&_revinclude:iterate=Observation:has-member';
    assert.deepEqual(idsOf(await as(people.doctor, back)), ['beyond']);
    assert.deepEqual(idsOf(await as(own, back)), ['beyond', 'hidden', 'start']);
  });

  it('do not lead through what only the resource itself shows to be hidden', async () => {
    const ahead = 'Observation?_id=d-start&_include:iterate=Observation:has-member';
    const back = 'Observation?_id=d-beyond&_revinclude:iterate=Observation:has-member';
    const own = { role: 'patient', patient: 'd', user: 'Patient/d', scope: 'patient/*.rs' };
    for (const [query, expected] of [
      [ahead, ['d-start']],
      [back, ['d-beyond']],
    ] as const) {
      assert.deepEqual(idsOf(await as(people.doctor, query)), expected, query);
      assert.deepEqual(idsOf(await as(own, query)), ['d-beyond', 'd-coded', 'd-start'], query);
    }
    const seen = await as(people.doctor, 'Observation?patient=d');
    assert.deepEqual(idsOf(seen), ['d-beyond', 'd-start'], 'what lies beyond may be seen as such');
    // A criterion on what may be hidden so finds nothing, not even what is not.
    for (const code of ['private', 'u', 'nothing']) {
      const has = `Patient?_has:Observation:patient:code=${code}`;
      assert.ok(!idsOf(await as(people.doctor, has)).includes('d'), code);
    }
    assert.deepEqual(idsOf(await as(own, 'Patient?_has:Observation:patient:code=u')), ['d']);
  });

  it('are recorded like matches', async () => {
    const log = () => as({ ...people.patientB, scope: 'patient/*.rs' }, 'Patient/b/$access-log');
    const before = (await log()).text.split('Patient/b/_history/1').length;
    await as(people.doctor, 'Observation?_id=one&_include=Observation:subject');
    const after = (await log()).text.split('Patient/b/_history/1').length;
    assert.ok(after > before);
  });

  it('are refused when they make no sense', async () => {
    for (const query of [
      '_include=Patient:organization',
      '_include=Observation:code',
      '_include=Observation:foo',
      '_include=Foo:subject',
      '_include=Observation',
      '_include=Observation:subject:Observation',
      '_revinclude=Patient:organization',
      '_revinclude=Observation:has-member:Patient',
      '_include=Observation:subject&_summary=text',
    ]) {
      const answer = await as(people.doctor, `Observation?${query}`);
      assert.equal(answer.status, 400, query);
      assert.match(answer.text, /http\._(?:rev)?(?:include|summary)/, query);
    }
    assert.equal((await as(people.doctor, 'Observation?_include=Observation:subject')).status, 200);
  });

  it('cost the same however often they are asked for, and leave others their turn', async () => {
    const search = (times: number): string =>
      `Observation?_id=one&${Array.from({ length: times }, () => '_revinclude:iterate=*').join('&')}`;
    const once = idsOf(await as(people.doctor, search(1)));
    assert.ok(once.length > 1);
    const { result, longest } = await watched(() => as(people.doctor, search(32)));
    assert.deepEqual(idsOf(result), once);
    assert.ok(longest < 100, `${longest} ms`);
  });

  it('are bounded', async () => {
    const transaction = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: Array.from({ length: 1001 }, (_, i) => ({
        request: { method: 'PUT', url: `Organization/part-${i}` },
        resource: {
          resourceType: 'Organization',
          id: `part-${i}`,
          name: 'part',
          partOf: { reference: 'Organization/north' },
        },
      })),
    };
    const made = await server.ask(people.ehr, 'POST', '', { body: JSON.stringify(transaction) });
    assert.equal(made.status, 200, made.text.slice(0, 500));
    const many = 'Organization?_id=north&_revinclude=Organization:partof';
    const refused = await as(people.doctor, many);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /too-costly/);
    const gone = await server.ask(people.ehr, 'DELETE', 'Organization/part-7');
    assert.ok([200, 204].includes(gone.status));
    assert.equal(entriesOf(await as(people.doctor, many)).length, 1001);
  });
});
