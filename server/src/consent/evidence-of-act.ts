import type { Consent } from 'fhir/r4.js';
import type { Principal } from '../auth/principal.ts';
import { FhirError, type Issue } from '../fhir/errors.ts';
import { mayGovern } from './from-consent.ts';

/** Says what becomes of a Consent that others record for a patient without evidence that the patient wanted it. */
export type EvidenceSetting = 'warn' | 'require';

const EXPRESSION = 'Consent.source';
const MISSING =
  'no evidence of the act of the patient: sourceAttachment, sourceReference, or a verification with verified true';

/**
 * Judges the evidence of a change by others than the patient, where decisions rest on the Consent before or after it.
 *
 * @returns what is strange about it
 * @throws FhirError `unprocessable`, naming the element, where the operator requires evidence
 */
export function judgeEvidence(
  setting: EvidenceSetting,
  principal: Principal,
  { before, after }: { readonly before: Consent | undefined; readonly after: Consent | undefined },
): readonly Issue[] {
  if (principal.role === 'patient') return [];
  if (![before, after].some((consent) => consent !== undefined && mayGovern(consent))) return [];
  if (after !== undefined && hasEvidence(after)) return [];
  if (setting === 'require') {
    const instead =
      after === undefined ? '. To revoke it, record it as inactive with evidence of that' : '';
    throw new FhirError('unprocessable', `The Consent has ${MISSING}${instead}`, {
      expression: EXPRESSION,
    });
  }
  const diagnostics = `The Consent is in force with ${MISSING}`;
  return [{ severity: 'warning', code: 'business-rule', diagnostics, expression: [EXPRESSION] }];
}

function hasEvidence({ sourceAttachment, sourceReference, verification }: Consent): boolean {
  return (
    (sourceAttachment?.data ?? sourceAttachment?.url) !== undefined ||
    (sourceReference?.reference ?? sourceReference?.identifier) !== undefined ||
    verification?.some(({ verified }) => verified) === true
  );
}
