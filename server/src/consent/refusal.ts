import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Verdict } from './authority.ts';
import { refusedWriter } from './consent-writer.ts';
import type { Custodian } from './organisation.ts';
import { isOwnStaff } from './own-staff.ts';

/** Holds what was asked for and refused altogether. */
export interface Refused {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly named: readonly string[];
  /** Resources that exist and may not be seen. */
  readonly hidden: readonly StoredVersion[];
}

/**
 * The custodian's own staff learn that and why they are refused, and how to go on; to anybody else a refusal looks
 * like absence, so this gives nothing to throw and the reply is the one for nothing found.
 *
 * @rule refusal, break-glass
 */
export function refusal(
  custodian: Custodian,
  principal: Principal,
  refused: Refused,
): FhirError | undefined {
  if (!isOwnStaff(custodian, principal)) return undefined;
  const concerned = new Set([
    ...refused.named,
    ...refused.hidden.flatMap((version) => version.patients),
  ]);
  const denials = [...concerned]
    .map((patient) => ({ patient, verdict: refused.verdicts.get(patient) }))
    .filter(({ verdict }) => verdict?.outcome === 'deny');
  const first = denials[0];
  if (first?.verdict === undefined || denials.length < concerned.size) {
    return refused.hidden.length > 0
      ? new FhirError('forbidden', `Refused: ${LABELLED}${howToGoOn(custodian)}`)
      : undefined;
  }
  const { reason, basis } = first.verdict;
  if (reason === 'consent-office') return refusedWriter('writer-not-entitled', 'Consent');
  const why =
    reason === 'consent-deny'
      ? `the patient's consent forbids it (${basis.join(', ')})`
      : reason === 'scope'
        ? 'the access token is bound to another patient'
        : `no consent allows it and the overarching policy does not (${basis.join(', ') || 'no policy in force'})`;
  return new FhirError(
    'forbidden',
    `Refused: ${why}.${reason === 'scope' ? '' : howToGoOn(custodian)}`,
  );
}

const LABELLED = 'the data is more confidential than consent and policy allow you to see.';

/** There is no break-glass here: a token for purpose of use BTG sees what consents and the policy let it see, no more. */
function howToGoOn({ reference }: Custodian): string {
  return ` This server cannot break the glass: in an emergency, turn to whoever answers for access to records at ${reference}.`;
}
