import { people, type Caller } from './app.ts';

/** Whoever does not work for the custodian, one of each kind. */
export const OUTSIDERS: Readonly<Record<string, Caller>> = {
  pharmacist: people.pharmacist,
  insurer: {
    role: 'insurer',
    organization: 'Organization/insurer',
    msp: 'InsurerMSP',
    scope: 'system/*.cruds',
  },
  researcher: {
    role: 'researcher',
    organization: 'Organization/university',
    msp: 'AuditorMSP',
    user: 'Practitioner/researcher',
    scope: 'user/*.rs',
  },
  auditor: people.auditor,
  laboratory: {
    role: 'lab',
    organization: 'Organization/lab',
    msp: 'PharmacyMSP',
    scope: 'system/*.cruds',
  },
  'another patient': people.patientB,
  'a doctor of another hospital': {
    role: 'practitioner',
    organization: 'Organization/clinic',
    msp: 'InsurerMSP',
    user: 'Practitioner/elsewhere',
    scope: 'user/*.cruds',
  },
};
