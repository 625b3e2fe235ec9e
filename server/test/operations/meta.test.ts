import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Coding, Meta, Parameters } from 'fhir/r4.js';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';

const LEVEL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const restricted = { system: LEVEL, code: 'R' };
const hiv = { system: ACT, code: 'HIV' };
const ward: Coding = { system: 'urn:example:tags', code: 'ward-7' };
const elsewhere = { ...people.ehr, organization: 'Organization/pharmacy', msp: 'PharmacyMSP' };

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ CHARTSEAL_POLICY: 'all-normal' });
  assert.equal((await put('{"resourceType":"Patient","id":"a"}', 'Patient/a')).status, 201);
  assert.equal((await put('{"resourceType":"Patient","id":"b"}', 'Patient/b')).status, 201);
});
afterAll(() => app.close());

const put = (body: string, path: string, caller: Caller = people.ehr): Promise<Answer> =>
  app.ask(caller, 'PUT', path, { body });
const get = (path: string, caller: Caller = people.ehr): Promise<Answer> =>
  app.ask(caller, 'GET', path);
const change = (
  path: string,
  meta: Meta,
  caller: Caller = people.ehr,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  app.ask(caller, 'POST', path, {
    headers,
    body: JSON.stringify({
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: meta }],
    }),
  });
const metaIn = (answer: Answer): Meta => {
  const { parameter } = answer.json() as unknown as Parameters;
  assert.equal(parameter?.[0]?.name, 'return', answer.text);
  return parameter[0].valueMeta ?? {};
};
/** With numbers and spaces that only exact text keeps. */
const observation = (id: string, meta = ''): string =>
  `{ "resourceType":"Observation","id":"${id}",${meta}\n"status":"final", "code":{"text":"x"},` +
  `"subject":{"reference":"Patient/a"},"valueQuantity":{"value":1.00}}`;

describe('$meta-add and $meta-delete', () => {
  it('make a version that differs in meta only', async () => {
    await put(observation('one'), 'Observation/one');
    const added = await change('Observation/one/$meta-add', { tag: [ward], profile: ['urn:p'] });
    assert.equal(added.status, 200, added.text);
    assert.equal(added.headers['etag'], 'W/"2"');
    assert.deepEqual(metaIn(added).tag, [ward]);
    const { text } = await get('Observation/one');
    assert.match(text, /"value":1\.00\}\}$/);
    assert.match(text, /\n"status":"final", "code"/);

    const again = await change('Observation/one/$meta-add', { tag: [{ ...ward, version: '2' }] });
    assert.equal(again.headers['etag'], 'W/"2"', 'nothing was missing');
    const removed = await change('Observation/one/$meta-delete', {
      tag: [ward, { system: 'urn:example:tags', code: 'nowhere' }],
    });
    assert.equal(removed.headers['etag'], 'W/"3"');
    assert.deepEqual(metaIn(removed).tag, undefined);
    assert.deepEqual(metaIn(removed).profile, ['urn:p']);
    const first = await get('Observation/one/_history/1/$meta');
    assert.deepEqual(Object.keys(metaIn(first)).sort(), ['lastUpdated', 'versionId']);
  });

  it('keep what extends the URL of a profile beside it', async () => {
    const meta = '"meta":{"profile":["urn:a","urn:b"],"_profile":[null,{"id":"of-b"}]},';
    const made = await put(observation('twins', meta), 'Observation/twins');
    assert.equal(made.status, 201, made.text);
    await change('Observation/twins/$meta-add', { profile: ['urn:c'] });
    const after = await change('Observation/twins/$meta-delete', { profile: ['urn:a'] });
    assert.match(
      after.text,
      /"profile":\["urn:b", ?"urn:c"\],"_profile":\[\{"id":"of-b"\}, ?null\]/,
    );
  });

  it('respect If-Match, and say what is wrong', async () => {
    await put(observation('matched'), 'Observation/matched');
    const path = 'Observation/matched/$meta-add';
    const stale = await change(path, { tag: [ward] }, people.ehr, { 'if-match': 'W/"7"' });
    assert.equal(stale.status, 412);
    assert.equal((await change('Observation/nowhere/$meta-add', { tag: [ward] })).status, 404);
    const empty = await app.ask(people.ehr, 'POST', path, {
      body: '{"resourceType":"Parameters","parameter":[{"name":"mata","valueMeta":{"source":"urn:x"}}]}',
    });
    assert.equal(empty.status, 400);
    assert.match(empty.text, /mata/);
    const reader = { ...people.ehr, scope: 'system/*.rs' };
    assert.equal((await change(path, { tag: [ward] }, reader)).status, 403);
    const ok = await change(path, { tag: [ward] }, people.ehr, { 'if-match': 'W/"1"' });
    assert.equal(ok.status, 200);
  });
});

describe('security labels', () => {
  const labelled = (id: string): string =>
    observation(id, `"meta":{"security":${JSON.stringify([restricted, hiv])}},`);

  it('may be added by whoever may change the resource', async () => {
    await put(observation('label-me'), 'Observation/label-me');
    const added = await change(
      'Observation/label-me/$meta-add',
      { security: [restricted] },
      people.doctor,
    );
    assert.equal(added.status, 200, added.text);
    assert.equal(added.headers['etag'], 'W/"2"');
    assert.equal((await get('Observation/label-me')).status, 403);
  });

  for (const [way, remove] of [
    [
      '$meta-delete',
      (id, who) => change(`Observation/${id}/$meta-delete`, { security: [hiv, restricted] }, who),
    ],
    ['an update', (id, who) => put(observation(id), `Observation/${id}`, who)],
    [
      'an update to a lower level',
      (id, who) =>
        put(
          observation(id, `"meta":{"security":${JSON.stringify([{ ...restricted, code: 'N' }])}},`),
          `Observation/${id}`,
          who,
        ),
    ],
    [
      'a patch',
      (id, who) =>
        app.ask(who, 'PATCH', `Observation/${id}`, {
          body: '[{"op":"remove","path":"/meta/security"}]',
          headers: { 'content-type': 'application/json-patch+json' },
        }),
    ],
    [
      'a transaction',
      (id, who) =>
        app.ask(who, 'POST', '', {
          body: `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${observation(id)},
            "request":{"method":"PUT","url":"Observation/${id}"}}]}`,
        }),
    ],
  ] as const satisfies readonly (readonly [
    string,
    (id: string, who: Caller) => Promise<Answer>,
  ])[]) {
    it(`are taken away by ${way} for the custodian's systems only`, async () => {
      const id = way.replace(/[^a-z]/g, '');
      await put(labelled(id), `Observation/${id}`);
      for (const who of [people.doctor, people.patientA]) {
        const refused = await remove(id, who);
        assert.equal(refused.status, 403, refused.text);
        assert.doesNotMatch(refused.text, /HIV/);
      }
      assert.notEqual((await remove(id, elsewhere)).status, 200);
      assert.equal((await get(`Observation/${id}`)).status, 403);
      const done = await remove(id, people.ehr);
      assert.equal(done.status, 200, done.text);
      const left = await get(`Observation/${id}`);
      assert.equal(left.headers['etag'], 'W/"2"');
      assert.doesNotMatch(left.text, /"R"|HIV/);
    });
  }

  it('are taken away by the administration too', async () => {
    const admin = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };
    await put(labelled('administered'), 'Observation/administered');
    const removed = await put(observation('administered'), 'Observation/administered', admin);
    assert.equal(removed.status, 200, removed.text);
  });

  it('may be kept, and raised, by a doctor who sees them', async () => {
    const labelledWith = (labels: readonly Coding[]): string =>
      observation('kept', `"meta":{"security":${JSON.stringify(labels)}},`);
    const putAgain = async (labels: readonly Coding[]) =>
      (await put(labelledWith(labels), 'Observation/kept', people.doctor)).status;
    await put(labelledWith([hiv]), 'Observation/kept');
    assert.equal(await putAgain([hiv]), 200);
    assert.equal(await putAgain([{ ...restricted, code: 'V' }, hiv]), 200);
    // From now on it is more confidential than what a doctor sees, and so changes.
    assert.equal(await putAgain([{ ...restricted, code: 'V' }, hiv]), 403);
  });
});

describe('$meta', () => {
  it('gives the union of a type and of the server, of what the caller may see', async () => {
    const tag = (code: string): Coding => ({ system: 'urn:example:union', code });
    await put(
      '{"resourceType":"Organization","id":"o","name":"o","meta":{"tag":[{"system":"urn:example:union","code":"org"}]}}',
      'Organization/o',
    );
    for (const id of ['a', 'b']) {
      await change(`Patient/${id}/$meta-add`, { tag: [tag(`of-${id}`), tag('both')] });
    }
    const codes = async (path: string, who: Caller): Promise<readonly string[]> => {
      const answer = await get(path, who);
      assert.equal(answer.status, 200, answer.text);
      return (metaIn(answer).tag ?? [])
        .filter(({ system }) => system === 'urn:example:union')
        .map(({ code }) => code ?? '')
        .sort();
    };
    assert.deepEqual(await codes('Patient/$meta', people.ehr), ['both', 'of-a', 'of-b']);
    assert.deepEqual(await codes('Patient/$meta', people.patientA), ['both', 'of-a']);
    assert.deepEqual(await codes('$meta', people.ehr), ['both', 'of-a', 'of-b', 'org']);
    assert.deepEqual(await codes('$meta', people.patientA), ['both', 'of-a', 'org']);
    const only = { ...people.ehr, scope: 'system/Organization.rs' };
    assert.deepEqual(await codes('$meta', only), ['org']);
    assert.equal((await get('Patient/$meta', only)).status, 403);
  });

  it('is an access like any other', async () => {
    assert.equal((await get('Patient/b/$meta', people.patientA)).status, 404);
    assert.equal((await get('Patient/b/$meta', people.patientB)).status, 200);
    const posted = await app.ask(people.patientB, 'POST', 'Patient/b/$meta');
    assert.equal(posted.status, 200, posted.text);
    assert.equal((await get('Patient/b/$meta?tag=x', people.patientB)).status, 400);
    const log = await get('Patient/b/$access-log', people.patientB);
    assert.match(log.text, /\$meta/);
  });
});
