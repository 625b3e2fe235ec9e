import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { observation, patient, putsTo, type Resource } from '../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'Ahorn'), patient('b', 'Berg'), observation('o', 'a', '1'));
});
afterAll(() => server.close());

const ODD = [`${BASE}/Patient/a/`, `${BASE}/Patient/%61`, `${BASE}/../fhir/Patient/a`];
const CONDITIONAL = 'Patient?_id=a';
const AT = 'Observation.subject.reference';

const about = (reference: string) => ({
  ...observation('o', 'a', '1'),
  id: undefined,
  subject: { reference },
});
const send = (
  method: 'POST' | 'PUT' | 'PATCH',
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => server.ask(people.ehr, method, path, { body: JSON.stringify(body), headers });
const bundle = (type: string, resource: object) => ({
  resourceType: 'Bundle',
  type,
  entry: [{ resource, request: { method: 'POST', url: 'Observation' } }],
});

/** Refused by name, and nobody's data was made of it. */
async function assertRefused(answer: Answer, expression: string): Promise<void> {
  assert.equal(answer.status, 422, answer.text);
  assert.ok(answer.text.includes(`"${expression}"`), answer.text);
  const seen = await server.ask(people.patientB, 'GET', 'Observation?_summary=count');
  assert.equal(seen.json()['total'], 0);
}

describe('a reference that does not tell whose data it is', () => {
  it('makes data of nobody in no way of writing', async () => {
    for (const reference of [...ODD, CONDITIONAL, '#']) {
      await assertRefused(await send('POST', 'Observation', about(reference)), AT);
      const patch = [{ op: 'replace', path: '/subject/reference', value: reference }];
      const headers = { 'content-type': 'application/json-patch+json' };
      await assertRefused(await send('PATCH', 'Observation/o', patch, headers), AT);
      const batch = await send('POST', '', bundle('batch', about(reference)));
      assert.equal(batch.status, 200);
      assert.match(batch.text, /"422/);
      assert.ok(batch.text.includes(AT), batch.text);
      const carried = await send('POST', 'Bundle', bundle('batch', about(reference)));
      await assertRefused(carried, 'Bundle.entry[0].resource.subject.reference');
    }
    for (const reference of ODD) {
      const done = await send('POST', '', bundle('transaction', about(reference)));
      await assertRefused(done, 'Bundle.entry[0].resource.subject.reference');
    }
  });

  it('is what a transaction resolves', async () => {
    const done = await send('POST', '', bundle('transaction', about(CONDITIONAL)));
    assert.equal(done.status, 200, done.text);
    const seenBy = async (who: 'patientA' | 'patientB') =>
      (await server.ask(people[who], 'GET', 'Observation?_summary=count')).json()['total'];
    assert.deepEqual([await seenBy('patientA'), await seenBy('patientB')], [2, 0]);
  });

  it('is refused in the header that names the context of content, too', async () => {
    for (const context of [...ODD, 'Patient/a/', CONDITIONAL, '#']) {
      const answer = await server.ask(people.ehr, 'POST', 'Binary', {
        body: 'x',
        headers: { 'content-type': 'text/plain', 'x-security-context': context },
      });
      assert.ok([400, 422].includes(answer.status), `${context} ${answer.text}`);
    }
    const plain: Resource = {
      resourceType: 'Binary',
      id: 'plain',
      contentType: 'text/plain',
      securityContext: { reference: `${BASE}/Patient/a` },
    };
    await put(plain);
    assert.equal((await server.ask(people.patientA, 'GET', 'Binary/plain')).status, 200);
    assert.equal((await server.ask(people.patientB, 'GET', 'Binary/plain')).status, 404);
  });
});
