import type { AccessRequest, Decision } from '@chartseal/chaincode';
import type { Custodian } from './organisation.ts';
import { isOwnStaff } from './own-staff.ts';

/**
 * Stands among the patients of a version for those who cannot be told from here; no resource has this id. It has no
 * consents, so policy decides about it, and only for the custodian's own staff: docs/decisions/0033.
 */
export const UNPLACED = ':unplaced';

/** Refuses whoever does not work for the custodian, without asking policy; undefined: it is up to that. */
export function closedDecision(
  patient: string,
  { actor }: AccessRequest,
  custodian: Custodian,
): Decision | undefined {
  if (patient !== UNPLACED || isOwnStaff(custodian, actor)) return undefined;
  return { outcome: 'deny', reason: 'policy-deny', basis: [], residual: [] };
}
