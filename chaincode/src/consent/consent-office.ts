import type { Actor, Role } from './actor.ts';
import type { OverarchingPolicy } from './overarching-policy.ts';

/** Says who keeps the data: the MSP id, and the policy that names its `Organization/…`. */
export interface Keeper {
  readonly custodian: string;
  readonly policy: OverarchingPolicy | undefined;
}

/** Tells whether somebody belongs to the organisation that keeps the data: its MSP and its policy must both say so. */
export function isOwn(actor: Actor, { custodian, policy }: Keeper): boolean {
  return actor.msp === custodian && actor.organization === policy?.organization;
}

const OFFICE: ReadonlySet<Role> = new Set(['admin', 'system']);

/** Tells whether somebody administers the Consents of the custodian's patients: its administration, and its systems. */
export function isConsentOffice(actor: Actor, keeper: Keeper): boolean {
  return OFFICE.has(actor.role) && isOwn(actor, keeper);
}
