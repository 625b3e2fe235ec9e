import type { Principal } from '../auth/principal.ts';
import { isOwn } from '../consent/own-staff.ts';
import type { Deciding } from './groups.ts';

const MAY_LOWER: ReadonlySet<string> = new Set(['system', 'admin']);

/** Tells whether somebody may take security labels away: docs/decisions/0021-who-may-lower-protection.md */
export function mayLower(
  { organisation }: Pick<Deciding, 'organisation'>,
  principal: Principal,
): boolean {
  return MAY_LOWER.has(principal.role) && isOwn(organisation, principal);
}
