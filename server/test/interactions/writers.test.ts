import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { verifyEvidence, type EvidenceBundle } from '@chartseal/evidence';
import type { AuditEvent, Bundle } from 'fhir/r4.js';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { basic, waysToWrite } from '../support/ways-to-write.ts';

const folder = mkdtempSync(join(tmpdir(), 'writers-'));
const trust = join(folder, 'trust.json');

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ CHARTSEAL_TRUST: trust });
  await send('PUT', 'Patient/a', { resourceType: 'Patient', id: 'a' });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const { ask, send } = requestsOf(() => app);
const evidenceOf = async (path: string, version: number): Promise<string> => {
  const { status, text } = await ask(people.ehr, 'GET', `${path}/_history/${version}/$evidence`);
  assert.equal(status, 200, text);
  return text;
};

/** Who the evidence of a version says has written it, once the verifier takes its word. */
async function writerOf(path: string, version: number): Promise<EvidenceBundle['author']> {
  const file = await evidenceOf(path, version);
  const { verified, claims } = verifyEvidence(file, readFileSync(trust));
  assert.ok(verified, JSON.stringify(claims));
  assert.ok(claims.some(({ claim }) => claim === 'author'));
  return (JSON.parse(file) as EvidenceBundle).author;
}

/** The app as only this caller asks it, each time under this name. */
const asked = (caller: Caller, request: string): TestApp => ({
  ...app,
  ask: (_ehr, method, path, more = {}) =>
    app.ask(caller, method, path, {
      ...more,
      headers: { ...more.headers, 'x-request-id': request },
    }),
});

const doctor: Caller = { ...people.doctor, patient: 'a', purposes: ['TREAT', 'HOPERAT'] };
const written = (request: string) => ({
  v: 1,
  role: 'practitioner',
  subject: 'Practitioner/doctor',
  practitioner: 'Practitioner/doctor',
  organization: 'Organization/hospital',
  msp: 'HospitalMSP',
  client: 'ehr',
  purposes: ['TREAT', 'HOPERAT'],
  request,
});

describe('who wrote a version stands in its evidence', () => {
  const ways = waysToWrite(() => asked(doctor, 'round-7'));
  for (const [i, { name, send: write }] of ways.entries()) {
    it(`after ${name}`, async () => {
      const id = `w${i}`;
      await send('PUT', `Basic/${id}`, basic(id));
      const outcome = await write(id, {});
      assert.ok(outcome.status >= 200 && outcome.status < 300, outcome.text);
      assert.deepEqual((await writerOf(`Basic/${id}`, 2))?.written, written('round-7'));
      assert.equal((await writerOf(`Basic/${id}`, 1))?.written.role, 'system');
    });
  }

  it('after a create, with the Provenance that came along', async () => {
    const provenance = {
      resourceType: 'Provenance',
      recorded: '2026-01-02T03:04:05Z',
      agent: [{ who: { reference: 'Practitioner/doctor' } }],
    };
    const made = await asked(doctor, 'round-8').ask(undefined, 'POST', 'Basic', {
      body: JSON.stringify({ resourceType: 'Basic', code: { text: 'x' } }),
      headers: { 'x-provenance': JSON.stringify(provenance) },
    });
    assert.equal(made.status, 201, made.text);
    const path = `Basic/${String(made.json()['id'])}`;
    assert.deepEqual((await writerOf(path, 1))?.written, written('round-8'));
    const { json } = await ask(people.ehr, 'GET', `Provenance?target=${path}`);
    const [found] = (json() as unknown as Bundle).entry ?? [];
    const { id = '' } = found?.resource ?? {};
    assert.deepEqual((await writerOf(`Provenance/${id}`, 1))?.written, written('round-8'));
  });

  it('where it is the patient, by the patient alone', async () => {
    const made = await asked(people.patientA, 'home').ask(undefined, 'POST', 'Observation', {
      body: JSON.stringify({
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'Patient/a' },
      }),
    });
    assert.equal(made.status, 201, made.text);
    const author = await writerOf(`Observation/${String(made.json()['id'])}`, 1);
    assert.ok(author);
    assert.equal(author.written.patient, 'Patient/a');
    assert.equal(author.written.practitioner, undefined);
  });

  it('under the id that the server gave the request, where the client gave none', async () => {
    const answer = await send('PUT', 'Basic/unnamed', basic('unnamed'));
    const author = await writerOf('Basic/unnamed', 1);
    assert.equal(author?.written.request, answer.headers['x-request-id']);
  });

  it('and is no other when the same write is done again by somebody else', async () => {
    await send('PUT', 'Basic/twice', basic('twice'));
    await asked(doctor, 'again').ask(undefined, 'PUT', 'Basic/twice', {
      body: JSON.stringify(basic('twice')),
    });
    const [first, second] = await Promise.all([1, 2].map((n) => evidenceOf('Basic/twice', n)));
    const of = (text = ''): EvidenceBundle => JSON.parse(text) as EvidenceBundle;
    const swapped = { ...of(first), author: of(second).author };
    const { claims } = verifyEvidence(swapped, readFileSync(trust));
    assert.deepEqual(
      claims.filter(({ verdict }) => verdict === 'fail').map(({ claim }) => claim),
      ['author'],
    );
  });
});

describe('the access log', () => {
  it('tells of each entry who asked, through what, why, and in which request', async () => {
    await asked(doctor, 'ward/12').ask(undefined, 'GET', 'Patient/a');
    const { json } = await ask(people.patientA, 'GET', 'Patient/a/$access-log');
    const events = ((json() as unknown as Bundle<AuditEvent>).entry ?? []).flatMap(
      ({ resource }) => (resource?.resourceType === 'AuditEvent' ? [resource] : []),
    );
    const requestOf = ({ entity = [] }: AuditEvent) =>
      entity.flatMap(({ detail = [] }) => detail).find(({ type }) => type === 'request')
        ?.valueString;
    const event = events.find((each) => requestOf(each) === 'ward/12');
    assert.ok(event);
    const [agent] = event.agent;
    assert.deepEqual(agent?.who, { reference: 'Practitioner/doctor', display: 'ehr' });
    assert.deepEqual(
      event.purposeOfEvent?.map(({ coding = [] }) => coding[0]?.code),
      ['TREAT', 'HOPERAT'],
    );
  });
});
