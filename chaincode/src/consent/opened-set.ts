import { commitment as commit } from '@chartseal/evidence';
import type { OpenedConsentSet } from './arguments.ts';
import { canonical } from '../transaction/world-state.ts';

/** Tells whether a consent set with its salt is the one that a commitment (hex) was made for. */
export function opens({ salt, set }: OpenedConsentSet, commitment: string): boolean {
  return commit(Buffer.from(salt, 'hex'), canonical(set)) === commitment;
}
