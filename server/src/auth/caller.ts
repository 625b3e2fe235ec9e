import type { Principal } from './principal.ts';

/** The same text for the same caller, whichever of its tokens it shows: what was made for it is bound to this. */
export function callerOf({ subject, client, msp, organization, patient }: Principal): string {
  return JSON.stringify([subject, client, msp, organization, patient ?? null]);
}
