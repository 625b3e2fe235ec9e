import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { entry, observation, patient, uuid } from '../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) await put(`Patient/${id}`, { resourceType: 'Patient', id });
  await put('Observation/o', observation('Patient/a', { id: 'o' }));
});
afterAll(() => server.close());

const LATER = { prefer: 'respond-async' };

async function put(path: string, resource: object): Promise<void> {
  const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
  assert.ok(answer.status < 300, answer.text);
}
const pathOf = (answer: Answer): string => {
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.text, '');
  assert.equal(answer.headers['preference-applied'], 'respond-async');
  const url = String(answer.headers['content-location']);
  assert.match(url, /^http:\/\/127\.0\.0\.1:8080\/fhir\/\$async\/[\w-]{64}$/);
  return url.split('/fhir/')[1] ?? '';
};
async function fetched(path: string, caller: Caller = people.ehr): Promise<Answer> {
  for (let i = 0; i < 400; i += 1) {
    const answer = await server.ask(caller, 'GET', path);
    if (answer.status !== 202) return answer;
    assert.match(String(answer.headers['x-progress']), /^under way for \d+ s$/);
    assert.equal(answer.headers['retry-after'], '1');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the request does not come to an end');
}
interface Later {
  readonly type: string;
  readonly entry: [
    {
      readonly resource?: { readonly type: string; readonly entry?: readonly unknown[] };
      readonly response: { readonly status: string; readonly outcome?: object };
    },
  ];
}
const inside = (answer: Answer): Later['entry'][0] => {
  assert.equal(answer.status, 200, answer.text);
  const { type, entry: entries } = answer.json() as unknown as Later;
  assert.equal(type, 'batch-response');
  assert.equal(entries.length, 1);
  return entries[0];
};

const system = 'http://terminology.hl7.org/CodeSystem/';
const denying = (id: string, of: string, reference: string) => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: { coding: [{ system: `${system}consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${of}` },
  policyRule: { coding: [{ system: `${system}v3-ActCode`, code: 'OPTOUT' }] },
  provision: {
    type: 'deny',
    actor: [
      {
        role: { coding: [{ system: `${system}v3-ParticipationType`, code: 'IRCP' }] },
        reference: { reference },
      },
    ],
  },
});

describe('a request in the background', () => {
  it('answers as it would have at once, as often as it is fetched', async () => {
    for (const path of ['Patient/a/$everything', 'Observation/_history', '_history?_count=2']) {
      const at = pathOf(await server.ask(people.ehr, 'GET', path, { headers: LATER }));
      const now = (await server.ask(people.ehr, 'GET', path)).json() as { entry?: unknown[] };
      for (let time = 0; time < 2; time += 1) {
        const { resource, response } = inside(await fetched(at));
        assert.equal(response.status, '200 OK');
        assert.ok((now.entry?.length ?? 0) > 0);
        assert.deepEqual(resource?.entry, now.entry);
      }
    }
  });

  it('does a transaction whole, or says why not', async () => {
    const bundle = (...entries: string[]) =>
      `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
    const started = await server.ask(people.ehr, 'POST', '', {
      headers: LATER,
      body: bundle(
        entry('PUT', 'Patient/later', patient('later', { id: 'later' }), { fullUrl: uuid(1) }),
        entry('POST', 'Observation', observation(uuid(1))),
      ),
    });
    const { resource, response } = inside(await fetched(pathOf(started)));
    assert.equal(response.status, '200 OK');
    assert.equal(resource?.type, 'transaction-response');
    assert.equal(resource.entry?.length, 2);
    assert.equal((await server.ask(people.ehr, 'GET', 'Patient/later')).status, 200);

    const bad = await server.ask(people.ehr, 'POST', '', {
      headers: LATER,
      body: bundle(entry('PUT', 'Patient/x', patient('x', { id: 'y' }))),
    });
    const failed = inside(await fetched(pathOf(bad)));
    assert.equal(failed.response.status, '400 Bad Request');
    assert.match(JSON.stringify(failed.response.outcome), /Bundle\.entry\[0\]/);
  });

  it("is nobody else's, and gone when it is cancelled", async () => {
    const at = pathOf(
      await server.ask(people.ehr, 'GET', 'Patient/a/$everything', { headers: LATER }),
    );
    assert.equal((await fetched(at)).status, 200);
    for (const caller of [people.doctor, people.patientA, people.pharmacist]) {
      assert.equal((await server.ask(caller, 'GET', at)).status, 404);
      assert.equal((await server.ask(caller, 'DELETE', at)).status, 404);
    }
    assert.equal((await server.ask(undefined, 'GET', at)).status, 401);
    const forged = at.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    assert.equal((await server.ask(people.ehr, 'GET', forged)).status, 404);
    assert.equal((await server.ask(people.ehr, 'DELETE', at)).status, 202);
    assert.equal((await server.ask(people.ehr, 'GET', at)).status, 404);
    assert.equal((await server.ask(people.ehr, 'DELETE', at)).status, 404);
  });

  it('cancelled while it runs leaves no answer', async () => {
    const at = pathOf(await server.ask(people.ehr, 'GET', '_history', { headers: LATER }));
    assert.equal((await server.ask(people.ehr, 'DELETE', at)).status, 202);
    assert.equal((await server.ask(people.ehr, 'GET', at)).status, 404);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal((await server.ask(people.ehr, 'GET', at)).status, 404);
  });

  it('is judged again when it is fetched', async () => {
    const at = pathOf(
      await server.ask(people.doctor, 'GET', 'Patient/b/$everything', { headers: LATER }),
    );
    assert.equal((await fetched(at, people.doctor)).status, 200);
    const consent = denying('no', 'b', 'Practitioner/doctor');
    await put('Consent/no', consent);
    const refused = await server.ask(people.doctor, 'GET', at);
    assert.equal(refused.status, 403, refused.text);
    await put('Consent/no', { ...consent, status: 'inactive' });
    assert.equal((await server.ask(people.doctor, 'GET', at)).status, 200);
  });

  it('tells no total any more when consents would have another counted', async () => {
    const counting = entry('GET', 'Observation?subject=Patient/b&_summary=count');
    const body = `{"resourceType":"Bundle","type":"batch","entry":[${counting}]}`;
    await put('Observation/b1', observation('Patient/b', { id: 'b1' }));
    const at = pathOf(await server.ask(people.doctor, 'POST', '', { body, headers: LATER }));
    const total = async (): Promise<unknown> => {
      const got = inside(await fetched(at, people.doctor));
      assert.ok(got.resource, JSON.stringify(got));
      const { entry: answers } = got.resource as unknown as {
        readonly entry: readonly { readonly resource: { readonly total: number } }[];
      };
      return answers[0]?.resource.total;
    };
    assert.equal(await total(), 1);
    // Of somebody else, and nothing to do with this caller.
    await put('Consent/other', denying('other', 'a', 'Practitioner/other-doctor'));
    assert.equal(await total(), 1);
    await put('Consent/hides', denying('hides', 'b', 'Practitioner/doctor'));
    const refused = await server.ask(people.doctor, 'GET', at);
    assert.equal(refused.status, 409, refused.text);
    await put('Consent/hides', { ...denying('hides', 'b', 'x'), status: 'inactive' });
    assert.equal(await total(), 1);
  });

  it('is refused beyond a number, and at once where nothing runs in the background', async () => {
    const read = await server.ask(people.ehr, 'GET', 'Patient/a', { headers: LATER });
    assert.equal(read.status, 200);
    const started = await Promise.all(
      Array.from({ length: 12 }, () =>
        server.ask(people.ehr, 'GET', '_history?_count=1000', { headers: LATER }),
      ),
    );
    const statuses = started.map(({ status }) => status);
    assert.ok(statuses.includes(202) && statuses.includes(429), String(statuses));
  });
});
