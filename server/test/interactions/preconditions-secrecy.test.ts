import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { actor, consent, observation, patient, putsTo } from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
const mayWrite = ['collect', 'access', 'correct'].map((code) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }],
}));
const permit = { type: 'permit', actor: actor('Organization/pharmacy'), action: mayWrite };
const forTheLab = { ...permit, actor: actor('Organization/lab') };
const conditions: readonly Record<string, string>[] = [
  { 'if-match': '*' },
  { 'if-match': 'W/"1"' },
  { 'if-match': 'W/"9"' },
  { 'if-match': '*', 'if-none-match': '*' },
  { 'if-none-match': '*' },
  { 'if-none-match': 'W/"9"' },
  { 'if-unmodified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' },
];

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'A'), patient('b', 'B'), consent('mine', 'a', permit));
  await put(observation('theirs', 'b', '1-1'), observation('gone', 'b', '1-1'));
  await put(observation('own', 'a', '1-1'), consent('theirs', 'b', forTheLab));
  for (const id of ['theirs-2', 'gone-2']) {
    const nobodys = { ...consent(id, 'b', permit), patient: undefined, status: 'draft' };
    await put(nobodys, binary(id, { reference: 'DocumentReference/none' }));
  }
  for (const path of ['Observation/gone', 'Consent/gone-2', 'Binary/gone-2']) {
    assert.equal((await server.ask(people.ehr, 'DELETE', path)).status, 204);
  }
});
afterAll(() => server.close());

const binary = (id: string, securityContext: object) => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  data: 'eA==',
  securityContext,
});

/** What is there and may not be known of, and what the callers would put in its place. */
const kinds = {
  Observation: {
    hidden: ['theirs', 'gone'],
    same: (id: string, of: string): object => observation(id, of, '1-1'),
  },
  'Consent of a patient who is not here': {
    hidden: ['theirs-2', 'gone-2'],
    same: (id: string, of: string): object => consent(id, of, permit),
  },
  'Binary whose context is not here': {
    hidden: ['theirs-2', 'gone-2'],
    same: (id: string, of: string): object => binary(id, { reference: `Patient/${of}` }),
  },
} as const;
type Kind = keyof typeof kinds;

interface Attempt {
  readonly method: 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  /** After the type. */
  readonly path: (id: string) => string;
  readonly body?: (id: string, of: string, kind: Kind) => object;
  readonly contentType?: string;
  /** Where nothing is, it makes something: unless a condition forbids that, there the id is seen to be taken. */
  readonly makes?: true;
}

const type = 'application/json-patch+json';
const amend = (): object => [{ op: 'replace', path: '/status', value: 'amended' }];
const tagged = (): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'x' }] } }],
});
const same = (id: string, of: string, kind: Kind): object => kinds[kind].same(id, of);
const attempts: readonly Attempt[] = [
  { method: 'PUT', path: (id) => `/${id}`, body: same, makes: true },
  { method: 'PUT', path: () => '?code=9-9', body: same, makes: true },
  { method: 'PUT', path: (id) => `?_id=${id}`, body: same, makes: true },
  { method: 'PATCH', path: (id) => `/${id}`, body: amend, contentType: type },
  { method: 'PATCH', path: (id) => `?_id=${id}`, body: amend, contentType: type },
  { method: 'DELETE', path: (id) => `/${id}` },
  { method: 'DELETE', path: (id) => `?_id=${id}` },
  { method: 'POST', path: (id) => `/${id}/$meta-add`, body: tagged },
];
const everyAttempt = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
  attempts.map((one) => [kind, one] as const),
);
let unused = 0;

async function attempt(
  { method, path, body, contentType }: Attempt,
  by: {
    readonly caller: Caller;
    readonly id: string;
    readonly of: string;
    readonly kind: Kind;
    readonly headers: Record<string, string>;
  },
): Promise<Answer> {
  const [type = ''] = by.kind.split(' ');
  return server.ask(by.caller, method, `${type}${path(by.id)}`, {
    headers: { ...(contentType && { 'content-type': contentType }), ...by.headers },
    ...(body && { body: JSON.stringify(body(by.id, by.of, by.kind)) }),
  });
}
/** As far as it does not say which id was asked for. */
const told = (answer: Answer, id: string): string =>
  `${answer.status} ${answer.text.replaceAll(id, 'the-id')} ${String(answer.headers['etag'])}`;

for (const [who, caller] of Object.entries({
  'another patient': people.patientA,
  'another organisation': people.pharmacist,
})) {
  describe(`a failed condition tells ${who} nothing of what may not be known`, () => {
    for (const [kind, one] of everyAttempt) {
      it(`${one.method} ${one.path('x')} of a ${kind}`, async () => {
        let compared = 0;
        for (const headers of conditions) {
          for (const of of one.makes ? ['a', 'b'] : ['a']) {
            const absent = `unused-${(unused += 1)}`;
            const expected = await attempt(one, { caller, id: absent, of, kind, headers });
            if (expected.status === 201) continue;
            for (const id of kinds[kind].hidden) {
              const answer = await attempt(one, { caller, id, of, kind, headers });
              assert.equal(told(answer, id), told(expected, absent), JSON.stringify(headers));
              compared += 1;
            }
          }
        }
        assert.ok(compared > 0);
        const [type = ''] = kind.split(' ');
        const left = await server.ask(people.ehr, 'GET', `${type}/${kinds[kind].hidden[0]}`);
        assert.equal(left.headers['etag'], 'W/"1"');
      });
    }

    it('nor of a Consent of somebody else, whose patient would have to stay', async () => {
      const send = (id: string, headers: Record<string, string>): Promise<Answer> =>
        server.ask(caller, 'PUT', `Consent/${id}`, {
          body: JSON.stringify(consent(id, 'a', permit)),
          headers,
        });
      for (const tag of ['*', 'W/"1"']) {
        const headers = { 'if-match': tag };
        const theirs = await send('theirs', headers);
        // No consent lets another organisation write Consents.
        const status = caller === people.patientA ? 412 : 404;
        assert.equal(theirs.status, status, theirs.text);
        const none = await send('never-made', headers);
        assert.equal(told(theirs, 'theirs'), told(none, 'never-made'));
      }
      assert.equal((await send('theirs', {})).status, 404);
    });
  });
}

it('who may change it is told what does not hold, and changes it when it does', async () => {
  for (const caller of [people.patientA, people.pharmacist, people.ehr]) {
    for (const one of attempts.slice(0, 1)) {
      const of = 'a';
      const before = await server.ask(people.ehr, 'GET', 'Observation/own');
      const etag = String(before.headers['etag']);
      const by = { caller, id: 'own', of, kind: 'Observation' as const };
      const stale = await attempt(one, { ...by, headers: { 'if-match': 'W/"999"' } });
      assert.equal(stale.status, 412, stale.text);
      assert.ok(stale.text.includes(etag.replaceAll('"', '\\"')), stale.text);
      const taken = await attempt(one, { ...by, headers: { 'if-none-match': '*' } });
      assert.equal(taken.status, 412, taken.text);
      const done = await attempt(one, { ...by, headers: { 'if-match': etag } });
      assert.equal(done.status, 200, done.text);
    }
  }
});
