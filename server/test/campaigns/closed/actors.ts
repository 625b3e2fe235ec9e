import { people, type Caller } from '../../support/app.ts';
import { OUTSIDERS } from '../../support/outsiders.ts';
import type { Asker, Facts } from './policy.ts';

/** One who asks: with which token, as whom, and what the token's scopes leave. */
export interface Actor {
  readonly name: string;
  /** Undefined: without a token. */
  readonly caller: Caller | undefined;
  readonly asker: Asker;
  /** As access logs name the actor. */
  readonly reference: string;
  readonly covers: (permission: Permission, facts: Facts, category: string) => boolean;
}

export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

const HOSPITAL = 'Organization/hospital';
const OWN_RECORD = 'own-a';
const patient = (id: string): Caller => ({
  ...people.patientA,
  patient: id,
  user: `Patient/${id}`,
});
const all = (): boolean => true;
const reads = (permission: Permission): boolean => permission === 'r' || permission === 's';

const CALLERS: readonly (readonly [string, Caller | undefined, Actor['covers']])[] = [
  ['system', people.ehr, all],
  [
    'admin',
    { ...people.ehr, role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' },
    all,
  ],
  ['doctor', people.doctor, all],
  ['other doctor', people.otherDoctor, all],
  ['denied doctor', { ...people.doctor, user: 'Practitioner/denied' }, all],
  ['doctor for operations', { ...people.doctor, purposes: ['HOPERAT'] }, all],
  ['doctor for research', { ...people.doctor, purposes: ['HRESCH'] }, all],
  [
    'doctor with laboratory scopes',
    { ...people.doctor, scope: 'user/Observation.cruds?category=laboratory user/Patient.rs' },
    (permission, { type }, category) =>
      type === 'Observation' ? category === 'laboratory' : type === 'Patient' && reads(permission),
  ],
  [
    'doctor launched for one patient',
    { ...people.doctor, scope: 'patient/*.rs', patient: OWN_RECORD },
    (permission, { of }) => reads(permission) && of === OWN_RECORD,
  ],
  ['patient a', patient('own-a'), (_permission, { of }) => of === 'own-a'],
  ['patient b', patient('own-b'), (_permission, { of }) => of === 'own-b'],
  ['pharmacist', people.pharmacist, all],
  ['insurer', { ...OUTSIDERS['insurer'], role: 'insurer', purposes: ['HPAYMT'] }, all],
  ['laboratory', OUTSIDERS['laboratory'], all],
  ['researcher', { ...OUTSIDERS['researcher'], role: 'researcher', purposes: ['HRESCH'] }, reads],
  ['auditor', people.auditor, reads],
  ['doctor elsewhere', OUTSIDERS['a doctor of another hospital'], all],
  [
    'system elsewhere',
    { ...people.ehr, organization: 'Organization/clinic', msp: 'InsurerMSP' },
    all,
  ],
  // Says it is of the custodian's own organisation, but its network's member is another.
  ['system under a false name', { ...people.ehr, msp: 'InsurerMSP' }, all],
  ['nobody', undefined, () => false],
];

const NOBODY: Caller = { role: 'nobody' };

/** Everybody who asks. */
export const actors: readonly Actor[] = CALLERS.map(([name, caller, covers]) => ({
  name,
  caller,
  asker: askerOf(caller),
  covers,
  reference: caller?.user ?? caller?.organization ?? HOSPITAL,
}));

function askerOf(caller: Caller = NOBODY): Asker {
  const { role, user, patient: of, organization = HOSPITAL } = caller;
  return {
    role,
    // Who is of no member of the network is of no organisation.
    organization: organization === HOSPITAL && caller.msp !== undefined ? 'none' : organization,
    purpose: caller.purposes?.[0] ?? 'TREAT',
    ...(user?.startsWith('Practitioner/') && { practitioner: user }),
    ...(role === 'patient' && { patient: of ?? '' }),
  };
}
