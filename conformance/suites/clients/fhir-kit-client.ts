/** The journeys with npm's fhir-kit-client. */
import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';
import type { Bundle, CapabilityStatement, FhirResource } from 'fhir/r4.js';
import { clientEnvironment, done } from './client-process.ts';
import { dispense, pharmacyConsent, prescription, pulses } from './resources.ts';

const env = clientEnvironment();
const as = (baseUrl: string, bearerToken: string) => new Client({ baseUrl, bearerToken });
const hospital = as(env.HOSPITAL, env.SYSTEM_TOKEN);
const pharmacist = as(env.HOSPITAL, env.PHARMACIST_TOKEN);
const dispenser = as(env.PHARMACY, env.DISPENSER_TOKEN);
const idOf = (resource: unknown): string => (resource as { id: string }).id;
const entries = (bundle: unknown) => (bundle as Bundle).entry ?? [];

const statement = (await hospital.capabilityStatement()) as unknown as CapabilityStatement;
assert.equal(statement.fhirVersion, '4.0.1');
done('capabilities');

const patient = `Patient/${idOf(
  await hospital.create({
    resourceType: 'Patient',
    body: { resourceType: 'Patient', name: [{ family: 'Kit' }] },
  }),
)}`;
done('create-patient');

const request = idOf(
  await hospital.create({
    resourceType: 'MedicationRequest',
    body: prescription(patient) as never,
  }),
);
done('prescribe');

const read = (await hospital.read({
  resourceType: 'MedicationRequest',
  id: request,
})) as unknown as FhirResource & { meta: { versionId: string } };
assert.equal(read.meta.versionId, '1');
done('read-back');

const change = (priority: string) =>
  hospital.update({
    resourceType: 'MedicationRequest',
    id: request,
    body: { ...read, priority },
    options: { headers: { 'If-Match': 'W/"1"' } },
  });
assert.equal(((await change('urgent')) as unknown as typeof read).meta.versionId, '2');
done('update');

await assert.rejects(change('routine'), (error: { response?: { status?: number } }) => {
  assert.equal(error.response?.status, 412);
  return true;
});
done('stale-update-refused');

const active = { patient, status: 'active' };
const found = await hospital.search({ resourceType: 'MedicationRequest', searchParams: active });
assert.deepEqual(
  entries(found).map(({ resource }) => resource?.id),
  [request],
);
done('search');

const answered = await hospital.transaction({ body: pulses(patient) as never });
assert.ok(entries(answered).every(({ response }) => response?.status.startsWith('201')));
done('transaction');

const observations = { patient, _count: 1 };
const first = await hospital.search({ resourceType: 'Observation', searchParams: observations });
const second = await hospital.nextPage({ bundle: first as never });
assert.notEqual(entries(first)[0]?.resource?.id, entries(second)[0]?.resource?.id);
assert.equal(entries(second).length, 1);
done('pages');

const versions = await hospital.history({ resourceType: 'MedicationRequest', id: request });
assert.equal(entries(versions).length, 2);
done('history');

const asked = { resourceType: 'MedicationRequest', searchParams: { patient } };
assert.equal(entries(await pharmacist.search(asked)).length, 0);
done('pharmacy-sees-nothing');

await hospital.create({ resourceType: 'Consent', body: pharmacyConsent(patient) as never });
done('consent');

assert.equal(entries(await pharmacist.search(asked)).length, 1);
done('pharmacy-search');

const seen = await pharmacist.read({ resourceType: 'MedicationRequest', id: request });
assert.equal(idOf(seen), request);
done('pharmacy-read');

const more = { resourceType: 'Observation', searchParams: { patient } };
assert.equal(entries(await pharmacist.search(more)).length, 0);
done('pharmacy-sees-no-more');

const handed = dispense(env.HOSPITAL, { patient, prescription: `MedicationRequest/${request}` });
const given = idOf(
  await dispenser.create({ resourceType: 'MedicationDispense', body: handed as never }),
);
done('dispense');

const byPrescription = { prescription: `${env.HOSPITAL}/MedicationRequest/${request}` };
const listed = await dispenser.search({
  resourceType: 'MedicationDispense',
  searchParams: byPrescription,
});
assert.deepEqual(
  entries(listed).map(({ resource }) => resource?.id),
  [given],
);
done('dispense-search');
