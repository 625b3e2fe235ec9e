import type { Code } from '@chartseal/chaincode';
import type { StoredVersion } from '../store/version-store.ts';
import type { Bounds } from '../auth/authorize.ts';
import type { Verdict } from '../consent/authority.ts';
import { permitsResource } from '../consent/residual.ts';
import type { Data } from './groups.ts';
import { withinScopes } from './within-scopes.ts';

/** Holds what a version is judged by. */
export interface Seeing {
  /** Says what the scopes leave: data of this patient only, and what their queries let through. */
  readonly bounds: Pick<Bounds, 'patientOnly' | 'queries'>;
  /** Returns what was decided, or foreseen, about a patient; undefined when nobody was asked, which permits nothing. */
  readonly decisionOf: (patient: string) => Pick<Verdict, 'outcome' | 'residual'> | undefined;
  /** Tells which labels may count for nothing, where they are no reason to keep the caller from the version. */
  readonly lifting?: ((label: Code) => boolean) | undefined;
}

/**
 * THE predicate of access: may this version be seen? The decision about every patient whom it concerns must permit it
 * and let it out by its residual rules, and the scopes must leave the patients and the version.
 *
 * @rule access predicate
 */
export function mayBeSeen(
  { r4, base }: Pick<Data, 'r4' | 'base'>,
  version: StoredVersion,
  { bounds, decisionOf, lifting }: Seeing,
): boolean {
  const isPermitted = (patient: string): boolean => {
    if (patient !== (bounds.patientOnly ?? patient)) return false;
    const decision = decisionOf(patient);
    if (decision?.outcome !== 'permit') return false;
    return permitsResource(decision.residual, version, base, lifting);
  };
  return version.patients.every(isPermitted) && withinScopes(r4, bounds, version);
}
