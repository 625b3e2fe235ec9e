import type { Demonstration } from '@chartseal/launch/demonstration';
import { getToken } from './get-token.ts';
import { ensureDirectory } from './persona-directory.ts';
import { personaTable } from './personas.ts';
import { seedDemoData } from './seed.ts';

/** The personas and data that `npm start` shows. */
export const demonstration: Demonstration = {
  personas: personaTable,
  firstTries: {
    system: 'Patient/demo-a',
    doctor: 'Observation?patient=demo-a&code=8867-4&_sort=-date',
    'other-doctor': 'Patient/demo-a',
    patient: 'Patient/demo-a/$access-log',
    'other-patient': 'Patient/demo-b',
    pharmacist: 'MedicationRequest?patient=demo-a',
    insurer: 'Patient/demo-a',
    lab: 'Observation?patient=demo-a',
    researcher: 'Observation?patient=demo-a',
    auditor: 'Patient/demo-a/$access-log',
    admin: 'Organization',
  },
  prepare: ensureDirectory,
  seed: async ({ dataDir, server, fhir, signal }) =>
    seedDemoData({ fhir, token: await getToken('system', { dataDir, server, fhir }), signal }),
};
