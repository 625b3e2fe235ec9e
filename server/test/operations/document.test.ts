import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { observation } from '../support/bundles.ts';

let server: TestApp;
const secret = {
  security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
};
const composition = (id: string, entries: readonly string[]) => ({
  resourceType: 'Composition',
  id,
  status: 'final',
  type: { text: 'letter' },
  title: 'Letter',
  date: '2026-01-01',
  subject: { reference: 'Patient/a' },
  author: [{ reference: 'Practitioner/p' }],
  section: [{ title: 'x', entry: entries.map((reference) => ({ reference })) }],
});
beforeAll(async () => {
  server = await startApp();
  const resources = [
    { resourceType: 'Practitioner', id: 'p' },
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'Patient', id: 'b' },
    observation('Patient/a', { id: 'o', valueQuantity: { value: 1 } }),
    observation('Patient/a', { id: 'secret', meta: secret }),
    composition('c', ['Observation/o', 'http://elsewhere.org/Observation/1']),
    composition('hidden', ['Observation/o', 'Observation/secret']),
    composition('absent', ['Observation/o', 'Observation/absent']),
  ];
  for (const resource of resources) {
    const path = `${resource.resourceType}/${(resource as { id: string }).id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

const ask = (path: string, caller: Caller = people.doctor): Promise<Answer> =>
  server.ask(caller, 'GET', path);
interface Document {
  readonly id?: string;
  readonly type: string;
  readonly identifier: { readonly value: string };
  readonly entry: readonly {
    readonly fullUrl: string;
    readonly resource: { readonly id: string };
  }[];
}
const read = (answer: Answer): Document => {
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as unknown as Document;
};

describe('Composition/$document', () => {
  it('gives the composition first, then all that it refers to here', async () => {
    const found = read(await ask('Composition/c/$document'));
    assert.equal(found.type, 'document');
    assert.match(found.identifier.value, /^urn:uuid:/);
    assert.deepEqual(
      found.entry.map(({ fullUrl }) => fullUrl.split('/fhir/')[1]),
      ['Composition/c', 'Patient/a', 'Practitioner/p', 'Observation/o'],
    );
    assert.equal(
      (await ask(`Bundle?identifier=${found.identifier.value}`)).text.includes('"entry"'),
      false,
    );
  });

  it('is kept when asked, for who may see the patient only', async () => {
    const kept = read(
      await server.ask(people.doctor, 'POST', 'Composition/c/$document', {
        body: JSON.stringify({
          resourceType: 'Parameters',
          parameter: [{ name: 'persist', valueBoolean: true }],
        }),
      }),
    );
    const path = `Bundle/${kept.id ?? ''}`;
    assert.equal(read(await ask(path)).entry.length, 4);
    assert.equal((await ask(path, people.patientA)).status, 200);
    assert.equal((await ask(path, people.patientB)).status, 404);
    assert.equal((await ask(path, people.pharmacist)).status, 404);
  });

  it('is refused when it would not be whole, whatever the reason', async () => {
    const hidden = await ask('Composition/hidden/$document');
    const absent = await ask('Composition/absent/$document');
    assert.equal(hidden.status, 422, hidden.text);
    assert.equal(hidden.text.replaceAll('secret', 'absent'), absent.text);
    assert.match(absent.text, /Composition\.section\[0\]\.entry\[1\]/);
    assert.equal(read(await ask('Composition/hidden/$document', people.patientA)).entry.length, 5);
    assert.equal((await ask('Composition/never/$document')).status, 404);
    assert.equal((await ask('Composition/c/$document', people.pharmacist)).status, 404);
    assert.equal((await ask('Composition/c/$document?graph=x')).status, 400);
  });
});

describe('a Bundle', () => {
  it('concerns the patients of what is in it', async () => {
    const body = JSON.stringify({
      resourceType: 'Bundle',
      id: 'collected',
      type: 'collection',
      entry: [
        {
          resource: {
            resourceType: 'Bundle',
            type: 'collection',
            entry: [{ resource: observation('Patient/a') }],
          },
        },
      ],
    });
    const put = await server.ask(people.ehr, 'PUT', 'Bundle/collected', { body });
    assert.equal(put.status, 201, put.text);
    assert.equal((await ask('Bundle/collected', people.patientA)).status, 200);
    assert.equal((await ask('Bundle/collected', people.patientB)).status, 404);
    assert.equal((await ask('Bundle/collected', people.pharmacist)).status, 404);
  });
});
