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
  /** Holds what residual rules are asked about, where that is not the version as it stands. */
  readonly content?: Pick<StoredVersion, 'type' | 'id' | 'body'>;
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
  { bounds, decisionOf, content = version }: Seeing,
): boolean {
  const isPermitted = (patient: string): boolean => {
    if (patient !== (bounds.patientOnly ?? patient)) return false;
    const decision = decisionOf(patient);
    return decision?.outcome === 'permit' && permitsResource(decision.residual, content, base);
  };
  return version.patients.every(isPermitted) && withinScopes(r4, bounds, version);
}
