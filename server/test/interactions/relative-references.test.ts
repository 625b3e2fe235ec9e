import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  observation,
  patient,
  putsTo,
  totalOf,
} from '../support/clinical-samples.ts';
import { relativeReference } from '../support/relative-references.ts';

const ACCEPT = 'Task/160.1/$accept?ac=777bea0e13cc';
const UUID = 'c757873d-ec9a-4326-a141-556f43239520';

let server: TestApp;
const put = putsTo(() => server);
const send = (resource: object, headers: Record<string, string> = {}) =>
  server.ask(people.ehr, 'POST', (resource as { resourceType: string }).resourceType, {
    body: JSON.stringify(resource),
    headers,
  });
const read = (path: string, headers: Record<string, string> = {}) =>
  server.ask(people.ehr, 'GET', path, { headers });
const communication = (id: string, reference: string) => ({
  resourceType: 'Communication',
  id,
  status: 'completed',
  subject: { reference: 'Patient/a' },
  basedOn: [{ reference }],
});
const task = (id: string) => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  for: { reference: 'Patient/a' },
});
const issuesOf = (answer: Answer) =>
  answer.json()['issue'] as readonly { severity: string; expression?: readonly string[] }[];

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'), task('160.1'), task(UUID));
  await put(communication('accept', ACCEPT), communication('uuid', UUID));
  await put(communication('plain', 'Task/160.1'), observation('o', 'a', '1'));
});
afterAll(() => server.close());

describe('a relative reference that is not Type/id', () => {
  it('is kept as it is, in JSON and XML', async () => {
    assert.match(
      (await read('Communication/accept')).text,
      /"Task\/160\.1\/\$accept\?ac=777bea0e13cc"/,
    );
    const xml = (await read('Communication/accept', { accept: 'application/fhir+xml' })).text;
    assert.match(xml, /<reference value="Task\/160\.1\/\$accept\?ac=777bea0e13cc"\/>/);
    const back = await server.ask(people.ehr, 'PUT', 'Communication/accept', {
      body: xml,
      headers: { 'content-type': 'application/fhir+xml', accept: 'application/fhir+json' },
    });
    assert.equal(back.status, 200, back.text);
    assert.match(back.text, /"Task\/160\.1\/\$accept\?ac=777bea0e13cc"/);
  });

  it('is found by its exact string only', async () => {
    const found = async (criteria: string) => idsOf(await read(`Communication?${criteria}`));
    assert.deepEqual(await found(`based-on=${encodeURIComponent(ACCEPT)}`), ['accept']);
    assert.deepEqual(await found(`based-on=${UUID}`), ['uuid']);
    assert.deepEqual(await found('based-on=Task/160.1'), ['plain']);
    assert.deepEqual(await found('based-on=160.1'), ['plain']);
    assert.deepEqual(await found('based-on=Task/160.1/$accept'), []);
    assert.deepEqual(await found(`based-on=Task/${UUID}`), []);
    assert.deepEqual(await found('based-on:missing=true'), []);
    assert.deepEqual(await found('based-on:missing=false'), ['accept', 'plain', 'uuid']);
  });

  it('whatever it is, is stored, read and found', async () => {
    await fc.assert(
      fc.asyncProperty(relativeReference, async (reference) => {
        const resource = { ...communication('any', reference), id: undefined };
        const made = await send(resource);
        assert.equal(made.status, 201, made.text);
        const { id } = made.json() as { readonly id: string };
        assert.deepEqual((await read(`Communication/${id}`)).json()['basedOn'], [{ reference }]);
        const value = encodeURIComponent(reference.replaceAll(/[\\$,|]/g, '\\$&'));
        const found = await read(`Communication?_id=${id}&based-on=${value}`);
        assert.deepEqual(idsOf(found), [id], found.text);
      }),
      { numRuns: 30, seed: 20261130 },
    );
  });

  it('leads nowhere: no chain, no inclusion, no hierarchy', async () => {
    const ids = 'Communication?_id=accept,uuid,plain';
    assert.deepEqual(idsOf(await read(`${ids}&based-on:Task.status=requested`)), ['plain']);
    assert.deepEqual(idsOf(await read(`${ids}&_include=Communication:based-on`)), [
      '160.1',
      'accept',
      'plain',
      'uuid',
    ]);
    for (const [id, expected] of [
      ['160.1', ['160.1', 'plain']],
      [UUID, [UUID]],
    ] as const) {
      const path = `Task?_id=${id}&_revinclude=Communication:based-on`;
      assert.deepEqual(idsOf(await read(path)), expected);
    }
    assert.equal(totalOf(await read(`Task?_has:Communication:based-on:_id=uuid`)), 0);
    assert.equal(totalOf(await read(`Task?_has:Communication:based-on:_id=plain`)), 1);
  });

  it('is no data of the patient whose name it has in it', async () => {
    const value = encodeURIComponent('Patient/a/$x');
    const answer = await server.ask(people.pharmacist, 'GET', `Communication?sender=${value}`);
    assert.equal(totalOf(answer), 0, answer.text);
    const log = await server.ask(people.patientA, 'GET', 'Patient/a/$access-log');
    assert.doesNotMatch(log.text, /\$x/);
  });

  it('is warned of by $validate and by the outcome of a write', async () => {
    const at = 'Communication.basedOn[0].reference';
    const warned = (answer: Answer) =>
      issuesOf(answer)
        .filter(({ expression }) => expression?.[0] === at)
        .map(({ severity }) => severity);
    const body = JSON.stringify(communication('accept', ACCEPT));
    assert.deepEqual(
      warned(await server.ask(people.ehr, 'POST', 'Communication/$validate', { body })),
      ['warning'],
    );
    const prefer = { prefer: 'return=OperationOutcome' };
    for (const [method, path] of [
      ['POST', 'Communication'],
      ['PUT', 'Communication/accept'],
      ['PUT', 'Communication?_id=accept'],
    ] as const) {
      const answer = await server.ask(people.ehr, method, path, { body, headers: prefer });
      assert.deepEqual(warned(answer), ['warning'], answer.text);
    }
    const patched = await server.ask(people.ehr, 'PATCH', 'Communication/accept', {
      body: JSON.stringify([{ op: 'add', path: '/priority', value: 'asap' }]),
      headers: { ...prefer, 'content-type': 'application/json-patch+json' },
    });
    assert.deepEqual(warned(patched), ['warning'], patched.text);
    const clean = JSON.stringify(communication('plain', 'Task/160.1'));
    const done = await server.ask(people.ehr, 'PUT', 'Communication/plain', {
      body: clean,
      headers: prefer,
    });
    assert.deepEqual(
      issuesOf(done).map(({ severity }) => severity),
      ['information'],
    );
  });

  it('stays in transactions and batches, which warn of it and resolve what they know', async () => {
    for (const type of ['transaction', 'batch']) {
      const task = { resourceType: 'Task', status: 'requested', intent: 'order' };
      const entry = [
        { fullUrl: `urn:uuid:${UUID}`, resource: task, request: { method: 'POST', url: 'Task' } },
        {
          resource: {
            ...communication('t', UUID),
            basedOn: [{ reference: UUID }, { reference: ACCEPT }],
          },
          request: { method: 'PUT', url: 'Communication/t' },
        },
      ];
      const body = JSON.stringify({ resourceType: 'Bundle', type, entry });
      const headers = { prefer: 'return=OperationOutcome' };
      const answer = await server.ask(people.ehr, 'POST', '', { body, headers });
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.text, /"warning"[^]*Communication\.basedOn\[1\]\.reference/);
      assert.deepEqual((await read('Communication/t')).json()['basedOn'], [
        { reference: UUID },
        { reference: ACCEPT },
      ]);
    }
  });

  it('is refused where it decides whose data it is', async () => {
    const about = { ...observation('x', 'a', '1'), subject: { reference: 'Patient/a/' } };
    const target = {
      resourceType: 'Provenance',
      target: [{ reference: UUID }],
      recorded: '2020-01-01T00:00:00Z',
      agent: [{ who: { reference: 'Practitioner/p' } }],
    };
    const binary = {
      resourceType: 'Binary',
      contentType: 'text/plain',
      securityContext: { reference: UUID },
    };
    for (const [resource, at] of [
      [about, 'Observation.subject.reference'],
      [{ ...task('t'), focus: { reference: ACCEPT } }, 'Task.focus.reference'],
      [target, 'Provenance.target[0].reference'],
      [binary, 'Binary.securityContext.reference'],
      [
        { ...consent('x', 'a', {}), status: 'draft', patient: { reference: UUID } },
        'Consent.patient.reference',
      ],
    ] as const) {
      const answer = await send(resource);
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(issuesOf(answer)[0]?.expression, [at]);
    }
    assert.equal((await send(observation('x', 'a', '1'))).status, 201);
    const provenance = JSON.stringify({ ...target, target: [{ reference: UUID }] });
    const along = await send(observation('x', 'a', '1'), { 'x-provenance': provenance });
    assert.equal(along.status, 422, along.text);
  });

  it('is refused where a consent hangs on it, and hides where it may be what a consent denies', async () => {
    const told = (reference: string) => ({
      type: 'deny',
      data: [{ meaning: 'related', reference: { reference } }],
    });
    const permit = { type: 'permit', actor: actor('Organization/pharmacy') };
    for (const [provision, at] of [
      [{ ...permit, actor: actor(UUID) }, 'Consent.provision.actor[0].reference'],
      [
        { ...permit, provision: [told(ACCEPT)] },
        'Consent.provision.provision[0].data[0].reference',
      ],
    ] as const) {
      const answer = await send(consent('x', 'a', provision));
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(issuesOf(answer)[0]?.expression, [at]);
    }
    const seen = async () =>
      idsOf(await server.ask(people.pharmacist, 'GET', 'Communication?_id=accept,plain,uuid'));
    await put(consent('a', 'a', permit));
    assert.deepEqual(await seen(), ['accept', 'plain', 'uuid']);
    await put(consent('a', 'a', { ...permit, provision: [told('Task/other')] }));
    assert.deepEqual(await seen(), ['plain']);
    assert.equal((await server.ask(people.pharmacist, 'GET', 'Communication/uuid')).status, 404);
    assert.equal((await server.ask(people.pharmacist, 'GET', 'Communication/plain')).status, 200);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Consent/a')).status, 204);
  });

  it('is in no document and in nothing of $everything', async () => {
    const composition = {
      resourceType: 'Composition',
      id: 'c',
      status: 'final',
      type: { text: 'letter' },
      title: 'Letter',
      date: '2026-01-01',
      subject: { reference: 'Patient/a' },
      author: [{ reference: 'Patient/a' }],
      section: [{ title: 'x', entry: [{ reference: UUID }, { reference: 'Observation/o' }] }],
    };
    await put(composition);
    const document = await read('Composition/c/$document');
    assert.deepEqual(idsOf(document), ['a', 'c', 'o'], document.text);
    assert.equal(entriesOf(await read('Patient/b/$everything')).length, 1);
  });
});

describe('a relative reference that is not Type/id, where references are checked', () => {
  let strict: TestApp;
  beforeAll(async () => {
    strict = await startApp({ CHARTSEAL_REFERENCES: 'write-and-delete' });
  });
  afterAll(() => strict.close());

  it('is to nothing that could be missing, and keeps nothing from being deleted', async () => {
    const ask = (method: 'PUT' | 'DELETE', path: string, resource?: object) =>
      strict.ask(people.ehr, method, path, resource && { body: JSON.stringify(resource) });
    assert.equal((await ask('PUT', 'Patient/a', patient('a', 'x'))).status, 201);
    assert.equal((await ask('PUT', 'Task/160.1', task('160.1'))).status, 201);
    const absent = communication('c', 'Task/absent');
    assert.equal((await ask('PUT', 'Communication/c', absent)).status, 422);
    const relative = communication('c', ACCEPT);
    assert.equal((await ask('PUT', 'Communication/c', relative)).status, 201);
    assert.equal((await ask('DELETE', 'Task/160.1')).status, 204);
    assert.equal((await ask('DELETE', 'Patient/a')).status, 409);
  });
});
