import type { Actor } from '@chartseal/chaincode';
import type { Custodian } from './organisation.ts';

/** Tells whether somebody belongs to the custodian: both facts must say so, as for the chaincode that decides. */
export function isOwn(
  custodian: Custodian,
  { msp, organization }: Pick<Actor, 'msp' | 'organization'>,
): boolean {
  return msp === custodian.msp && organization === custodian.reference;
}

/** The custodian's own people and systems; its patients are not. */
export function isOwnStaff(
  custodian: Custodian,
  actor: Pick<Actor, 'msp' | 'organization' | 'role'>,
): boolean {
  return isOwn(custodian, actor) && actor.role !== 'patient';
}

const ADMINISTRATION: ReadonlySet<string> = new Set(['system', 'admin']);

/** The custodian's own systems and administration, which act for its staff. */
export function isOwnAdministration(
  custodian: Custodian,
  actor: Pick<Actor, 'msp' | 'organization' | 'role'>,
): boolean {
  return isOwn(custodian, actor) && ADMINISTRATION.has(actor.role);
}
