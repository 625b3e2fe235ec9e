import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  labelled,
  observation,
  patient,
  putsTo,
} from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
const action = (...codes: readonly string[]) =>
  codes.map((code) => ({
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }],
  }));
const permit = (...codes: readonly string[]) => ({
  type: 'permit',
  actor: actor('Organization/pharmacy'),
  action: action(...codes),
});
const binary = (id: string, of: string) => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  data: 'eA==',
  securityContext: { reference: of },
});

beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'A'), patient('b', 'B'));
  await put(labelled(observation('secret', 'a', '1-1'), 'V'), observation('plain', 'a', '1-1'));
  await put(labelled(observation('gone', 'a', '1-1'), 'V'), observation('theirs', 'b', '1-1'));
  await put(binary('scan', 'Observation/secret'), binary('copy', 'Observation/plain'));
  await put(binary('closed', 'DocumentReference/none'));
  assert.equal((await server.ask(people.ehr, 'DELETE', 'Observation/gone')).status, 204);
});
afterAll(() => server.close());

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const send = (
  caller: Caller,
  path: string,
  ...[body, headers = {}]: readonly [body: object, headers?: Record<string, string>]
): Promise<Answer> =>
  server.ask(caller, path.includes('$') || path === '' ? 'POST' : 'PATCH', path, {
    body: JSON.stringify(body),
    headers,
  });

const test = (path: string, value: string): object => [{ op: 'test', path, value }];
/** Moves nothing where the condition holds, and fits nowhere otherwise. */
const fhirPathPatch = (type: string, condition: string): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: `${type}.where(${condition}).language` },
        { name: 'value', valueCode: 'de' },
      ],
    },
  ],
});
const noTag = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'none' }] } }],
};
const inTransaction = (path: string, body: object): object => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      resource: {
        resourceType: 'Binary',
        contentType: 'application/json-patch+json',
        data: Buffer.from(JSON.stringify(body)).toString('base64'),
      },
      request: { method: 'PATCH', url: path },
    },
  ],
});

/** Two questions by each way to ask: one whose answer is yes, one whose answer is no. */
const askedOf = async (caller: Caller, path: string): Promise<readonly Answer[]> => {
  const [type = ''] = path.split('/');
  const [member, right, wrong] =
    type === 'Binary' ? ['/data', 'eA==', 'eQ=='] : ['/status', 'final', 'amended'];
  return Promise.all([
    send(caller, path, test(member, right), JSON_PATCH),
    send(caller, path, test(member, wrong), JSON_PATCH),
    send(caller, path, fhirPathPatch(type, 'language.empty()')),
    send(caller, path, fhirPathPatch(type, 'language.exists()')),
    send(caller, path, test(member, right), { ...JSON_PATCH, 'if-match': 'W/"1"' }),
    send(caller, path, test(member, right), { ...JSON_PATCH, 'if-match': 'W/"9"' }),
    send(caller, `${path}/$meta-delete`, noTag),
    send(caller, '', inTransaction(path, test(member, right))),
    send(caller, '', inTransaction(path, test(member, wrong))),
  ]);
};
/** As far as it does not say how it was asked. */
const told = (answer: Answer): string =>
  `${answer.status} ${answer.text.replaceAll(/Bundle\.entry\[0\]:? ?/g, '')} ${String(answer.headers['etag'])}`;
const SEEN = [200, 422, 422, 422, 200, 412, 200, 200, 422];

describe('a patch tells nothing of what its sender may change but not see', () => {
  for (const path of ['Observation/secret', 'Observation/gone', 'Binary/scan']) {
    it(`${path}: it is refused as a read of it is`, async () => {
      const read = await server.ask(people.doctor, 'GET', path);
      assert.equal(read.status, 403, read.text);
      for (const answer of await askedOf(people.doctor, path)) {
        assert.equal(answer.status, 403, answer.text);
        assert.equal(answer.headers['etag'], undefined);
        assert.match(answer.text, /more confidential/);
        assert.doesNotMatch(answer.text, /W\//);
      }
      const log = await server.ask(people.patientA, 'GET', 'Patient/a/$access-log');
      assert.match(log.text, /meta-delete/);
    });
  }

  it('who sees it may patch it', async () => {
    for (const [caller, path] of [
      [people.doctor, 'Observation/plain'],
      [people.doctor, 'Binary/copy'],
      [people.patientA, 'Observation/secret'],
      [people.patientA, 'Binary/scan'],
      // It may take away the label, and see it then.
      [people.ehr, 'Observation/secret'],
    ] as const) {
      const answers = await askedOf(caller, path);
      assert.deepEqual(
        answers.map(({ status }) => status),
        SEEN,
        `${caller.role} ${path}`,
      );
    }
  });

  it('and who may take labels away is bound by all else: consent, scopes, security context', async () => {
    const admin = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };
    for (const [caller, path] of [
      [people.ehr, 'Binary/scan'],
      [admin, 'Binary/scan'],
      [admin, 'Binary/closed'],
    ] as const) {
      for (const answer of await askedOf(caller, path)) assert.equal(answer.status, 403, path);
    }
    const none = { type: 'deny', actor: actor('Organization/hospital'), action: action('access') };
    await put(consent('denies', 'a', none));
    for (const caller of [people.ehr, admin]) {
      for (const answer of await askedOf(caller, 'Observation/secret')) {
        assert.equal(answer.status, 403, answer.text);
      }
    }
    assert.equal((await server.ask(people.patientA, 'DELETE', 'Consent/denies')).status, 204);
    const answers = await askedOf(people.ehr, 'Observation/secret');
    assert.deepEqual(
      answers.map(({ status }) => status),
      SEEN,
    );
  });

  it('and another organisation that may correct but not see gets the answer for what is absent', async () => {
    await put(consent('correct', 'b', permit('collect', 'correct')));
    const hidden = await askedOf(people.pharmacist, 'Observation/theirs');
    const absent = await askedOf(people.pharmacist, 'Observation/absent');
    assert.deepEqual(
      hidden.map((answer) => told(answer).replaceAll('theirs', 'absent')),
      absent.map(told),
    );
    assert.deepEqual(new Set(hidden.map(({ status }) => status)), new Set([404]));
    await put(consent('correct', 'b', permit('collect', 'correct', 'access')));
    const seen = await askedOf(people.pharmacist, 'Observation/theirs');
    assert.deepEqual(
      seen.map(({ status }) => status),
      SEEN,
    );
  });
});
