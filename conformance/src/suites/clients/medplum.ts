/** The journeys with npm's @medplum/core client. */
import assert from 'node:assert/strict';
import { MedplumClient } from '@medplum/core';
import type { Bundle, CapabilityStatement } from 'fhir/r4.js';
import { clientEnvironment, done } from './client-process.ts';
import { dispense, pharmacyConsent, prescription, pulses } from './resources.ts';

const env = clientEnvironment();
const as = (base: string, accessToken: string): MedplumClient => {
  const { origin, pathname } = new URL(base);
  return new MedplumClient({ baseUrl: `${origin}/`, fhirUrlPath: pathname.slice(1), accessToken });
};
const hospital = as(env.HOSPITAL, env.SYSTEM_TOKEN);
const pharmacist = as(env.HOSPITAL, env.PHARMACIST_TOKEN);
const dispenser = as(env.PHARMACY, env.DISPENSER_TOKEN);
const fresh = { cache: 'reload' } as const;

/** Holds what the journeys need of answers; the client's own types come with a package that is not needed otherwise. */
interface Found {
  readonly id: string;
  readonly meta: { readonly versionId: string };
}
const entries = (bundle: unknown) => (bundle as Bundle).entry ?? [];
const create = async (client: MedplumClient, resource: object): Promise<string> => {
  const created: unknown = await client.createResource(resource as never);
  return (created as Found).id;
};
const readRequest = async (client: MedplumClient, id: string): Promise<Found> => {
  const found: unknown = await client.readResource('MedicationRequest', id, fresh);
  return found as Found;
};
const update = async (resource: object, options: RequestInit): Promise<Found> => {
  const updated: unknown = await hospital.updateResource(resource as never, options);
  return updated as Found;
};
const search = async (
  client: MedplumClient,
  type: 'MedicationRequest' | 'MedicationDispense' | 'Observation',
  parameters: Record<string, string>,
) => {
  const found: unknown = await client.search(type, parameters, fresh);
  return entries(found);
};

const statement = await hospital.get<CapabilityStatement>(hospital.fhirUrl('metadata'));
assert.equal(statement.fhirVersion, '4.0.1');
done('capabilities');

const patient = `Patient/${await create(hospital, {
  resourceType: 'Patient',
  name: [{ family: 'Plum' }],
})}`;
done('create-patient');

const request = await create(hospital, prescription(patient));
done('prescribe');

const read = await readRequest(hospital, request);
assert.equal(read.meta.versionId, '1');
done('read-back');

const ifMatch = { headers: { 'If-Match': 'W/"1"' } };
const updated = await update({ ...read, priority: 'urgent' }, ifMatch);
assert.equal(updated.meta.versionId, '2');
done('update');

await assert.rejects(update({ ...read, priority: 'asap' }, ifMatch));
done('stale-update-refused');

const found = await search(hospital, 'MedicationRequest', { patient, status: 'active' });
assert.deepEqual(
  found.map(({ resource }) => resource?.id),
  [request],
);
done('search');

const answered: unknown = await hospital.executeBatch(pulses(patient));
assert.ok(entries(answered).every(({ response }) => response?.status.startsWith('201')));
done('transaction');

let pages = 0;
for await (const page of hospital.searchResourcePages('Observation', { patient, _count: '1' })) {
  assert.equal(page.length, 1);
  pages += 1;
}
assert.equal(pages, 2);
done('pages');

const versions: unknown = await hospital.readHistory('MedicationRequest', request);
assert.equal(entries(versions).length, 2);
done('history');

const prescriptions = async () =>
  (await search(pharmacist, 'MedicationRequest', { patient })).length;
assert.equal(await prescriptions(), 0);
done('pharmacy-sees-nothing');

await create(hospital, pharmacyConsent(patient));
done('consent');

assert.equal(await prescriptions(), 1);
done('pharmacy-search');

assert.equal((await readRequest(pharmacist, request)).id, request);
done('pharmacy-read');

assert.equal((await search(pharmacist, 'Observation', { patient })).length, 0);
done('pharmacy-sees-no-more');

const handed = dispense(env.HOSPITAL, {
  patient,
  prescription: `MedicationRequest/${request}`,
});
const given = await create(dispenser, handed);
done('dispense');

const listed = await search(dispenser, 'MedicationDispense', {
  prescription: `${env.HOSPITAL}/MedicationRequest/${request}`,
});
assert.deepEqual(
  listed.map(({ resource }) => resource?.id),
  [given],
);
done('dispense-search');
