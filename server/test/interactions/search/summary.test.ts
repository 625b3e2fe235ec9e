import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { entriesOf, observation, patient } from '../../support/clinical-samples.ts';

let server: TestApp;
const ask = (path: string): Promise<Answer> => server.ask(people.doctor, 'GET', path);
const entry = (answer: Answer): Readonly<Record<string, unknown>> =>
  entriesOf(answer)[0]?.resource as unknown as Readonly<Record<string, unknown>>;

beforeAll(async () => {
  server = await startApp();
  const weight = `${JSON.stringify(observation('w', 'b', '1-1')).slice(0, -1)},"valueQuantity":{"value":70.50},"note":[{"text":"n"}]}`;
  for (const [path, body] of [
    ['Patient/b', JSON.stringify({ ...patient('b', 'Berg'), maritalStatus: { text: 'm' } })],
    ['Observation/w', weight],
  ] as const) {
    assert.equal((await server.ask(people.ehr, 'PUT', path, { body })).status, 201);
  }
});
afterAll(() => server.close());

describe('_summary and _elements', () => {
  it('shape what a read gives', async () => {
    const elements = await ask('Observation/w?_elements=value');
    assert.match(elements.text, /"value":70\.50\}/);
    assert.match(elements.text, /SUBSETTED/);
    assert.ok(!elements.text.includes('"note"'));
    assert.equal(elements.headers['etag'], 'W/"1"');
    const version = await ask('Observation/w/_history/1?_summary=true');
    assert.ok(version.text.includes('70.50') && !version.text.includes('"note"'));
    const whole = await ask('Observation/w');
    assert.ok(whole.text.includes('"note"') && !whole.text.includes('SUBSETTED'));
    assert.equal((await ask('Observation/w?_summary=false')).text, whole.text);
    assert.equal((await ask('Observation/w?_summary=count')).status, 400);
    assert.equal((await ask('Observation/w?_elements=foo')).status, 400);
  });

  it('shape what entries of a batch give', async () => {
    const get = (url: string) => ({ request: { method: 'GET', url } });
    const entry = ['Observation/w?_elements=value', 'Observation/w', 'Observation/w?_summary=no'];
    const batch = { resourceType: 'Bundle', type: 'batch', entry: entry.map(get) };
    const done = await server.ask(people.doctor, 'POST', '', { body: JSON.stringify(batch) });
    const [part, whole, wrong] = done.json()['entry'] as readonly {
      readonly resource?: object;
      readonly response: { readonly status: string };
    }[];
    assert.equal(part?.resource !== undefined && 'note' in part.resource, false);
    assert.equal(whole?.resource !== undefined && 'note' in whole.resource, true);
    assert.match(wrong?.response.status ?? '', /^400/);
  });

  it('shape what a search gives', async () => {
    const elements = await ask('Observation?_elements=value&_include=Observation:patient');
    assert.equal(entry(elements)['note'], undefined);
    assert.ok(elements.text.includes('70.50'));
    // Elements are those of the type searched; what is included stays whole.
    assert.ok(elements.text.includes('maritalStatus'));
    const summary = await ask('Observation?_summary=true&_include=Observation:patient');
    assert.ok(summary.text.includes('Berg') && !summary.text.includes('maritalStatus'));
    const data = await ask('Patient?_summary=data');
    assert.deepEqual(entry(data)['maritalStatus'], { text: 'm' });
    assert.match(data.text, /SUBSETTED/);
    const text = await ask('Patient?_summary=text');
    assert.equal(entry(text)['name'], undefined);
  });

  it('count without showing anything', async () => {
    const count = await ask('Observation?_summary=count');
    assert.equal(count.json()['total'], 1);
    assert.equal(count.json()['entry'], undefined);
    const none = await server.ask(people.pharmacist, 'GET', 'Observation?_summary=count');
    assert.equal(none.json()['total'], 0);
  });
});
