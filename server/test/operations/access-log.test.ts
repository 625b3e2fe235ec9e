import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Leaf } from '@chartseal/evidence';
import type { AuditEvent, Bundle, Parameters } from 'fhir/r4.js';
import { BASE, people, startApp, type Caller, type TestApp } from '../support/app.ts';

let server: TestApp;

const put = async (path: string, resource: object): Promise<void> => {
  const [resourceType, id] = path.split('/');
  const body = JSON.stringify({ resourceType, id, ...resource });
  const { status, text } = await server.ask(people.ehr, 'PUT', path, { body });
  assert.equal(status, 201, text);
};
const read = (caller: Caller, path: string) => server.ask(caller, 'GET', path);
const log = async (query = '', caller: Caller = people.auditor): Promise<Bundle> => {
  const { status, text, json } = await read(caller, `Patient/a/$access-log${query}`);
  assert.equal(status, 200, text);
  return json() as unknown as Bundle;
};
const events = ({ entry = [] }: Bundle): readonly AuditEvent[] =>
  entry.flatMap(({ resource }) =>
    resource?.resourceType === 'AuditEvent' ? [resource as AuditEvent] : [],
  );
const proof = ({ entry = [] }: Bundle, name: string): number | undefined =>
  (entry.at(-1)?.resource as Parameters).parameter?.find((each) => each.name === name)
    ?.valueUnsignedInt;
const seqs = (bundle: Bundle): readonly (number | undefined)[] =>
  events(bundle).map(({ entity }) => {
    const leaf = entity?.[0]?.detail?.find(({ type }) => type === 'leaf')?.valueBase64Binary ?? '';
    return (JSON.parse(Buffer.from(leaf, 'base64').toString()) as Leaf).seq;
  });
const next = ({ link = [] }: Bundle): string | undefined =>
  link
    .find(({ relation }) => relation === 'next')
    ?.url.replace(`${BASE}/Patient/a/$access-log`, '');

beforeAll(async () => {
  server = await startApp();
  for (const id of ['a', 'b']) {
    await put(`Patient/${id}`, { identifier: [{ system: 'urn:mrn', value: `secret-of-${id}` }] });
  }
  for (let i = 0; i < 7; i += 1) await read(people.doctor, 'Patient/a');
  await read(people.pharmacist, 'Patient/a');
});
afterAll(() => server.close());

describe('$access-log', () => {
  it('is whole where nothing else is asked for', async () => {
    const whole = await log();
    assert.deepEqual(seqs(whole), [...Array(events(whole).length).keys()]);
    assert.equal(proof(whole, 'count'), events(whole).length);
    assert.equal(next(whole), undefined);
  });

  it('comes in pages that together are the whole, each with its proof', async () => {
    const found: (number | undefined)[] = [];
    let pages = 0;
    for (let query: string | undefined = '?_count=3'; query !== undefined;) {
      const page: Bundle = await log(query);
      assert.ok(events(page).length <= 3);
      found.push(...seqs(page));
      pages += 1;
      // Each page is an access, too: the log that it shows ends with itself.
      assert.equal(proof(page, 'headIndex') !== undefined, true);
      if (next(page) === undefined) assert.equal(proof(page, 'count'), found.length);
      query = pages > 20 ? undefined : next(page);
    }
    assert.ok(pages > 3);
    assert.deepEqual(found, [...Array(found.length).keys()]);
  });

  it('shows what one agent did', async () => {
    const of = async (agent: string) => new Set(events(await log(`?agent=${agent}`)).map(who));
    assert.deepEqual(await of('Organization/pharmacy'), new Set(['Organization/pharmacy']));
    const both = await of('Organization/pharmacy,Practitioner/doctor');
    assert.deepEqual([...both].sort(), ['Organization/pharmacy', 'Practitioner/doctor']);
    assert.deepEqual(await of('Practitioner/nobody'), new Set());
  });

  it('shows what was recorded at a time', async () => {
    const day = new Date().toISOString().slice(0, 10);
    const of = async (query: string) => events(await log(query)).length;
    const all = await of('');
    assert.equal(await of(`?date=ge${day}`), all + 1);
    assert.equal(await of(`?date=lt${day}`), 0);
    assert.equal(await of(`?date=ge2020-01-01&date=lt2021-01-01`), 0);
    assert.equal(await of('?_since=2020-01-01T00:00:00Z'), all + 4);
    assert.equal(await of('?_since=2999-01-01T00:00:00Z'), 0);
  });

  it('goes on with a link for who was given it, and for what it was given', async () => {
    const link = next(await log('?_count=2'));
    assert.ok(link !== undefined);
    assert.equal((await read(people.auditor, `Patient/a/$access-log${link}`)).status, 200);
    for (const [caller, path] of [
      [people.patientA, `Patient/a/$access-log${link}`],
      [people.auditor, `Patient/b/$access-log${link}`],
      [people.auditor, `Patient/a/$access-log${link}&agent=Practitioner/doctor`],
    ] as const) {
      assert.equal((await read(caller, path)).status, 400);
    }
  });

  it('names nobody else whom a search asked for', async () => {
    const both = 'identifier=urn:mrn|secret-of-a,urn:mrn|secret-of-b';
    const found = (await read(people.doctor, `Patient?${both}`)).json() as unknown as Bundle;
    assert.equal(found.entry?.length, 2, 'the search is about both');
    await read(people.doctor, 'Observation?patient=a,b&code=1234-5');
    const queries = events(await log())
      .flatMap(({ entity = [] }) => entity.flatMap(({ query = [] }) => query))
      .map((query) => Buffer.from(query, 'base64').toString());
    assert.deepEqual(queries, ['identifier=…,…', 'patient=a,…&code=1234-5']);
  });
});

function who({ agent }: AuditEvent): string | undefined {
  return agent[0]?.who?.reference;
}
