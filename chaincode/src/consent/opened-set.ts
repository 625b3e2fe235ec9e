import { commitment as commit } from '@chartseal/evidence';
import type { ConsentHead, OpenedConsentSet } from './arguments.ts';
import { canonical } from '../transaction/world-state.ts';

/** Tells whether a value is the one that a commitment (hex) was made for with this salt (hex). */
export function opens(salt: string, value: object, commitment: string): boolean {
  return commit(Buffer.from(salt, 'hex'), canonical(value)) === commitment;
}

/** The opened set is not what the ledger holds: one of them is missing, or they differ. */
export function isStale(
  head: ConsentHead | undefined,
  opened: OpenedConsentSet | undefined,
): boolean {
  if (head === undefined || opened === undefined) return head !== undefined || opened !== undefined;
  return !opens(opened.salt, opened.set, head.commitment);
}
