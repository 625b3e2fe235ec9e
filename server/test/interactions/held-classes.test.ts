import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import {
  actor,
  consent,
  idsOf,
  medicationRequest,
  observation,
  patient,
  totalOf,
} from '../support/clinical-samples.ts';

let server: TestApp;
const { ask, send, statusOf } = requestsOf(() => server);
afterAll(() => server.close());

type Resource = Readonly<Record<string, unknown>> & {
  readonly resourceType: string;
  readonly id: string;
};
async function put(...resources: readonly Resource[]): Promise<void> {
  for (const resource of resources) {
    const answer = await send('PUT', `${resource.resourceType}/${resource.id}`, resource);
    assert.ok(answer.status < 300, answer.text);
  }
}
const classes = (...codes: string[]) =>
  codes.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code }));
const bundle = (id: string, ...resources: readonly Resource[]): Resource => ({
  resourceType: 'Bundle',
  id,
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
});
const containing = (outer: Resource, ...contained: readonly object[]): Resource => ({
  ...outer,
  contained,
  supportingInformation: contained.map((_, i) => ({ reference: `#c${i}` })),
});
const part = (of: Resource, i = 0) => ({ ...of, id: `c${i}` });
const medication = { resourceType: 'Medication', id: 'm', code: { text: 'x' } };

/** Of patient a: the doctor sees no Observation, the pharmacist sees MedicationRequests alone. */
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'A'), patient('b', 'B'));
  await put(
    consent('no-observations', 'a', {
      type: 'permit',
      actor: actor('Practitioner/doctor'),
      provision: [{ type: 'deny', class: classes('Observation') }],
    }),
    consent('requests-only', 'a', {
      type: 'permit',
      actor: actor('Organization/pharmacy'),
      class: classes('MedicationRequest'),
    }),
  );
  for (const whose of ['a', 'b']) {
    const result = observation(`o-${whose}`, whose, 'c');
    const order = medicationRequest(`r-${whose}`, whose);
    await put(
      result,
      bundle(`with-${whose}`, result, order),
      bundle(`nested-${whose}`, bundle('inner', result)),
      bundle(`orders-${whose}`, order),
      containing(medicationRequest(`holds-${whose}`, whose), part(result)),
      containing(medicationRequest(`plain-${whose}`, whose), part(medication)),
    );
  }
});

describe('what holds a resource of another class', () => {
  it('is read by whom that class is permitted, too', async () => {
    const expected: [Caller, string, number][] = [
      [people.doctor, 'Observation/o-a', 403],
      [people.doctor, 'Bundle/with-a', 403],
      [people.doctor, 'Bundle/nested-a', 403],
      [people.doctor, 'MedicationRequest/holds-a', 403],
      [people.doctor, 'Bundle/orders-a', 200],
      [people.doctor, 'MedicationRequest/plain-a', 200],
      [people.doctor, 'Bundle/with-b', 200],
      [people.doctor, 'Bundle/nested-b', 200],
      [people.doctor, 'MedicationRequest/holds-b', 200],
      [people.otherDoctor, 'Bundle/with-a', 200],
      [people.patientA, 'Bundle/with-a', 200],
      [people.pharmacist, 'MedicationRequest/holds-a', 404],
      [people.pharmacist, 'MedicationRequest/plain-a', 200],
    ];
    for (const [caller, path, status] of expected) {
      for (const form of ['', '/_history/1', '/_history', '/$meta']) {
        assert.equal(await statusOf(caller, path + form), status, `${caller.role} ${path}${form}`);
      }
    }
    const refused = await ask(people.doctor, 'GET', 'Bundle/with-a');
    assert.match(refused.text, /Consent\/no-observations/, 'staff learns which consent');
  });

  it('neither counts nor takes a place in searches of others', async () => {
    const ids = async (caller: Caller, query: string): Promise<readonly string[]> => {
      const found = await ask(caller, 'GET', `${query}&_total=accurate`);
      assert.equal(found.status, 200, found.text);
      const shown = idsOf(found);
      assert.equal(totalOf(found), shown.length, query);
      const pages = await ask(caller, 'GET', `${query}&_count=1&_total=accurate`);
      assert.equal(totalOf(pages), shown.length, query);
      return shown;
    };
    const bundles = 'Bundle?type=collection';
    assert.deepEqual(await ids(people.doctor, bundles), [
      'nested-b',
      'orders-a',
      'orders-b',
      'with-b',
    ]);
    assert.equal((await ids(people.otherDoctor, bundles)).length, 6);
    const orders = 'MedicationRequest?status=active';
    assert.deepEqual(await ids(people.doctor, orders), ['holds-b', 'plain-a', 'plain-b']);
    assert.deepEqual(await ids(people.pharmacist, orders), ['plain-a']);
    assert.deepEqual(await ids(people.patientA, orders), ['holds-a', 'plain-a']);
  });

  it('is led through by no link of others', async () => {
    const led = async (caller: Caller): Promise<readonly string[]> =>
      idsOf(await ask(caller, 'GET', 'Patient?_has:MedicationRequest:patient:status=active'));
    const before = await led(people.doctor);
    assert.deepEqual(before, ['a', 'b'], 'control: the plain ones lead there');
    assert.equal((await send('DELETE', 'MedicationRequest/plain-a', undefined)).status, 204);
    assert.deepEqual(await led(people.doctor), ['b']);
    assert.deepEqual(await led(people.otherDoctor), ['a', 'b'], 'control');
  });

  it('stands in the log of the patient as of both classes', async () => {
    assert.equal(await statusOf(people.otherDoctor, 'Bundle/with-a'), 200);
    const log = await ask(people.patientA, 'GET', 'Patient/a/$access-log');
    assert.equal(log.status, 200);
    assert.ok(log.text.includes('Bundle/with-a/_history/1'));
  });
});
