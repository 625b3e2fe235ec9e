import type { Consent } from 'fhir/r4.js';
import type { HeldConsents } from '../../consent/consent-replica.ts';
import { assertMayWriteAny } from '../../consent/consent-writer.ts';
import { judgeEvidence, type EvidenceSetting } from '../../consent/evidence-of-act.ts';
import { compileConsent, consentPatient } from '../../consent/from-consent.ts';
import {
  prepareConsents,
  type ConsentEdits,
  type ConsentParts,
} from '../../consent/record-consents.ts';
import { UNPLACED } from '../../consent/unplaced.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { blamed, refuse, type ChangeSet, type JudgedChange } from './change-set.ts';
import type { LedgerRow } from './ledger-row.ts';

const TYPE = 'Consent';

export interface ConsentRowParts extends ConsentParts {
  /** Our own base URL. */
  readonly base: string;
  readonly evidence: EvidenceSetting;
  readonly isResourceType: (name: string) => boolean;
}

/** Consents: each patient's turn, and the set of consents that a patient has is what the ledger records. */
export function consentRow(parts: ConsentRowParts): LedgerRow {
  const { base, evidence, replica } = parts;
  return {
    name: 'consent',
    title: 'Consents',
    watched: (set) => consentsIn(set).map(({ id }) => `${TYPE}/${id}`),
    turn: (set) => patientOf(set, base),
    mayFollow: ({ type, accepted }, current, principal) => {
      if (type !== TYPE) return [];
      assertMayWriteAny(replica, principal);
      const after = accepted?.resource as Consent | undefined;
      if (after !== undefined) assertSamePatient(current, after, base);
      return judgeEvidence(evidence, principal, { before: consentOf(current), after });
    },
    prepare: (patient, set, principal) =>
      prepareConsents(parts, { principal, patient, edits: editsOf(set, parts) }),
    afterwards: (patient, state) => [replica.recordOf(patient, state as HeldConsents)],
    follow: (patient, state) => {
      replica.hold(patient, state as HeldConsents);
    },
    outrun: (patient) => replica.reload(patient),
  };
}

/** @throws FhirError `unprocessable` */
function assertSamePatient(current: StoredVersion | undefined, after: Consent, base: string): void {
  const before = patientBefore(current);
  if (before === undefined || before === consentPatient(after, base)) return;
  throw new FhirError('unprocessable', 'A Consent cannot be moved to another patient', {
    expression: 'Consent.patient',
  });
}

function consentOf(version: StoredVersion | undefined): Consent | undefined {
  if (version === undefined || version.deleted) return undefined;
  return JSON.parse(Buffer.from(version.body).toString('utf8')) as Consent;
}

function consentsIn({ changes }: ChangeSet): readonly JudgedChange[] {
  return changes.filter(({ type, made }) => type === TYPE && made !== undefined);
}

/**
 * Id of the patient whose consents a set changes; undefined when no decision can depend on it: where the patient is not
 * here, and the Consents govern nothing.
 *
 * @throws FhirError `unprocessable` for one that governs data of somebody who is not here, and for several patients
 */
function patientOf(set: ChangeSet, base: string): string | undefined {
  let patient: string | undefined;
  for (const change of consentsIn(set)) {
    const { accepted, previous } = change;
    const after =
      accepted && blamed(change, () => consentPatient(accepted.resource as Consent, base));
    const of = after ?? patientBefore(previous);
    if (patient !== undefined && of !== undefined && of !== patient) {
      throw refuse(change, 'the Consents of one transaction must concern one patient');
    }
    patient ??= of;
  }
  return patient;
}

function patientBefore(current: StoredVersion | undefined): string | undefined {
  return current?.deleted === false ? current.patients.find((id) => id !== UNPLACED) : undefined;
}

function isUnplaced({ patients }: StoredVersion): boolean {
  return patients.length > 0 && patients.every((patient) => patient === UNPLACED);
}

/** Returns what the authority evaluates of the Consents that a set leaves. */
function editsOf(set: ChangeSet, { base, isResourceType }: ConsentRowParts): ConsentEdits {
  const edits = consentsIn(set).flatMap((change): [string, ReturnType<typeof compileConsent>][] => {
    const { id, accepted, made } = change;
    // No decision of this patient, nor of anybody, hangs on one whose patient is not here.
    if (made === undefined || isUnplaced(made.version)) return [];
    const options = { id, version: made.version.version, base, isResourceType };
    const compiled =
      accepted && blamed(change, () => compileConsent(accepted.resource as Consent, options));
    return [[`${TYPE}/${id}`, compiled]];
  });
  return new Map(edits);
}
