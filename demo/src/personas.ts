/** Somebody a visitor of the demonstration can be. */
export type Persona = SystemPersona | PersonPersona;

interface Affiliation {
  /** Says whose server it works with first, as `ready.json` names organisations. */
  readonly organisation: string;
  readonly name: string;
  readonly role: string;
  readonly msp: string;
  /** `Organization/…` */
  readonly organization: string;
  /** Everything it may be granted, and what it asks for unless told otherwise. */
  readonly scopes: readonly string[];
  /** Purposes of use it may state, the first by default. */
  readonly purposes: readonly string[];
}

/** A system with a key of its own (SMART backend services). */
interface SystemPersona extends Affiliation {
  readonly kind: 'system';
  readonly clientId: string;
}

/** A person, who logs in to an app. */
export interface PersonPersona extends Affiliation {
  readonly kind: 'person';
  readonly practitioner?: string;
  readonly patient?: string;
}

/**
 * The `msp` of organisations that are no member of the channel (laboratory, research institute): no membership
 * service has this id, so they are nobody's own staff and only a consent that names them lets them see anything.
 */
export const NO_MEMBER = 'NoMSP';

const hospital = {
  organisation: 'hospital',
  msp: 'HospitalMSP',
  organization: 'Organization/hospital',
} as const;

/** Says what somebody cares for patients for. Nobody breaks the glass by it: docs/decisions/0055-purposes-are-granted.md */
const treatment = ['TREAT', 'ETREAT', 'ERTREAT', 'COC', 'CLINTRL', 'POPHLTH', 'BTG'];
const payment = ['HPAYMT', 'COVERAGE', 'CLMATTCH', 'COVAUTH', 'REMITADV'];

const everything = ['user/*.cruds'];
const compartment = ['patient/*.rs', 'patient/Consent.cruds'];

/** The personas of the demonstration, by the name that `npm run token` takes. */
export const people: Readonly<Record<string, Persona>> = {
  system: {
    ...hospital,
    kind: 'system',
    clientId: 'hospital-ehr',
    name: "The hospital's record system",
    role: 'system',
    scopes: ['system/*.cruds'],
    purposes: [...treatment, ...payment, 'HOPERAT', 'CAREMGT', 'HQUALIMP', 'PUBHLTH', 'PATRQT'],
  },
  doctor: {
    ...hospital,
    kind: 'person',
    name: 'Dr. Adaeze Okafor, hospital',
    role: 'practitioner',
    practitioner: 'Practitioner/doctor',
    scopes: everything,
    purposes: treatment,
  },
  'other-doctor': {
    ...hospital,
    kind: 'person',
    name: 'Dr. Henrik Lindqvist, hospital',
    role: 'practitioner',
    practitioner: 'Practitioner/other-doctor',
    scopes: everything,
    purposes: treatment,
  },
  patient: {
    ...hospital,
    kind: 'person',
    name: 'Beatriz Almeida, patient',
    role: 'patient',
    patient: 'Patient/demo-a',
    scopes: compartment,
    purposes: ['TREAT', 'PATRQT', 'FAMRQT', 'PWATRNY', 'SUPNWK'],
  },
  'other-patient': {
    ...hospital,
    kind: 'person',
    name: 'Jonas Brandt, patient',
    role: 'patient',
    patient: 'Patient/demo-b',
    scopes: compartment,
    purposes: ['TREAT', 'PATRQT', 'FAMRQT', 'PWATRNY', 'SUPNWK'],
  },
  pharmacist: {
    organisation: 'pharmacy',
    msp: 'PharmacyMSP',
    organization: 'Organization/pharmacy',
    kind: 'system',
    clientId: 'pharmacy-system',
    name: "The pharmacy's system",
    role: 'pharmacist',
    scopes: ['system/*.rs', 'system/MedicationDispense.crus'],
    purposes: ['TREAT', 'ETREAT', 'COC', 'HPAYMT'],
  },
  insurer: {
    organisation: 'insurer',
    msp: 'InsurerMSP',
    organization: 'Organization/insurer',
    kind: 'system',
    clientId: 'insurer-system',
    name: "The insurer's claims system",
    role: 'insurer',
    scopes: ['system/*.rs'],
    purposes: [...payment, 'HOPERAT', 'TREAT'],
  },
  lab: {
    ...hospital,
    msp: NO_MEMBER,
    organization: 'Organization/lab',
    kind: 'system',
    clientId: 'lab-system',
    name: "The laboratory's system",
    role: 'lab',
    scopes: ['system/*.rs', 'system/Observation.cruds', 'system/DiagnosticReport.cruds'],
    purposes: ['TREAT', 'ETREAT', 'HPAYMT'],
  },
  researcher: {
    ...hospital,
    msp: NO_MEMBER,
    organization: 'Organization/research',
    kind: 'person',
    name: 'A researcher of the institute',
    role: 'researcher',
    scopes: ['user/*.rs'],
    purposes: ['HRESCH', 'CLINTRCH', 'BIORCH', 'TRANSRCH', 'POPHLTH', 'TREAT'],
  },
  auditor: {
    organisation: 'auditor',
    msp: 'AuditorMSP',
    organization: 'Organization/auditor',
    kind: 'person',
    name: 'An auditor of health records',
    role: 'auditor',
    scopes: ['user/*.rs'],
    purposes: ['TREAT', 'HOPERAT', 'HCOMPL', 'FRAUD'],
  },
  admin: {
    ...hospital,
    kind: 'person',
    name: 'An administrator of the hospital',
    role: 'admin',
    scopes: everything,
    purposes: ['TREAT', ...payment, 'HOPERAT', 'HCOMPL', 'RECORDMGT', 'PATADMIN'],
  },
};

/** Holds what `ready.json` says about each persona: whose server it belongs to, and who it is in FHIR. */
export const personaTable: Readonly<
  Record<string, { readonly organisation: string; readonly reference: string }>
> = Object.fromEntries(
  Object.entries(people).map(([name, persona]) => [
    name,
    { organisation: persona.organisation, reference: referenceOf(persona) },
  ]),
);

function referenceOf(persona: Persona): string {
  if (persona.kind === 'system') return persona.organization;
  return persona.practitioner ?? persona.patient ?? persona.organization;
}
