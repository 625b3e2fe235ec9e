import type { AccessRequest, Decision } from '@chartseal/chaincode';

/**
 * Stands among the patients of a version for those who cannot be told from here; no resource has this id. It has no
 * consents, so policy decides about it, and only for the custodian's own staff: docs/decisions/0033.
 */
export const UNPLACED = ':unplaced';

/** Refuses whoever does not work for the custodian, without asking policy; undefined: it is up to that. */
export function closedDecision(
  patient: string,
  { actor }: AccessRequest,
  custodian: string,
): Decision | undefined {
  if (patient !== UNPLACED || (actor.msp === custodian && actor.role !== 'patient'))
    return undefined;
  return { outcome: 'deny', reason: 'policy-deny', basis: [], residual: [] };
}
