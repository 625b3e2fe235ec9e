import type { AccessRequest, ConsentSet, Decision } from '@chartseal/chaincode';
import type { Custodian } from './organisation.ts';
import { isOwnStaff } from './own-staff.ts';

/**
 * Stands among the patients of a version for those who cannot be told from here; no resource has this id. It has no
 * consents, so policy decides about it, and only for the custodian's own staff: docs/decisions/0052.
 */
export const UNPLACED = ':unplaced';

/** Refuses whoever does not work for the custodian, without asking policy; undefined: it is up to that. */
export function closedDecision(
  patient: string,
  { actor }: AccessRequest,
  custodian: Custodian,
): Decision | undefined {
  return patient !== UNPLACED || isOwnStaff(custodian, actor) ? undefined : REFUSED;
}

const REFUSED: Decision = {
  outcome: 'deny',
  reason: 'policy-deny',
  basis: ['whose data it is, is not known'],
  residual: [],
};

/** Systems and administration, who find out whose it is, may see what is of somebody who cannot be told. */
const FIND_OUT: ReadonlySet<string> = new Set(['system', 'admin']);

/**
 * The refusal of what may be of somebody who refuses the caller: whose it is cannot be told, so anybody's denial counts.
 *
 * @param decisions what is decided about each patient who may refuse somebody
 */
export function refusedByAnybody(
  patient: string,
  { actor }: AccessRequest,
  decisions: () => Iterable<Decision>,
): Decision | undefined {
  if (patient !== UNPLACED || FIND_OUT.has(actor.role)) return undefined;
  for (const decision of decisions()) if (isHeldBack(decision)) return REFUSED;
  return undefined;
}

/** Tells whether a consent keeps something back that policy alone would not. */
function isHeldBack({ outcome, reason, basis, residual }: Decision): boolean {
  if (outcome === 'deny') return reason === 'consent-deny';
  // The last rule says what policy permits, if no consent permits all.
  const others = basis.some((each) => each.startsWith('policy@')) ? 1 : 0;
  return residual.length > others;
}

/** Tells whether consents can refuse anything to anybody. */
export function mayRefuse({ consents }: ConsentSet): boolean {
  return consents.some(({ provision, policyRule }) =>
    provision === undefined ? policyRule !== 'permit' : denies(provision),
  );
}

type Rule = NonNullable<ConsentSet['consents'][number]['provision']>;

function denies({ type, exceptions }: Rule): boolean {
  return type !== 'permit' || exceptions.some(denies);
}
