import type { Principal } from '../auth/principal.ts';
import { isOwnAdministration } from '../consent/own-staff.ts';
import type { Deciding } from './groups.ts';

/** Tells whether somebody may take security labels away: docs/decisions/0021-who-may-lower-protection.md */
export function mayLower(
  { organisation }: Pick<Deciding, 'organisation'>,
  principal: Principal,
): boolean {
  return isOwnAdministration(organisation, principal);
}
