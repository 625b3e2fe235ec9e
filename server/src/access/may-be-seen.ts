import { permits } from '@chartseal/chaincode';
import type { StoredVersion } from '../store/version-store.ts';
import type { Bounds } from '../auth/authorize.ts';
import type { Verdict } from '../consent/authority.ts';
import { versionParts } from '../consent/version-parts.ts';
import type { Data } from './groups.ts';
import { withinScopes } from './within-scopes.ts';

/** Holds what a version is judged by. */
export interface Seeing {
  /** Says what the scopes leave: data of this patient only, and what their queries let through. */
  readonly bounds: Pick<Bounds, 'patientOnly' | 'queries'>;
  /**
   * Returns what was decided, or foreseen, about data of a class of a patient; undefined when nobody was asked, which
   * permits nothing.
   */
  readonly decisionOf: (
    patient: string,
    className: string,
  ) => Pick<Verdict, 'outcome' | 'residual'> | undefined;
  /** Holds what residual rules are asked about, where that is not the version as it stands. */
  readonly content?: Pick<StoredVersion, 'type' | 'id' | 'body'>;
}

/**
 * THE predicate of access: may this version be seen? The decisions about every patient whom it concerns must permit it and
 * all that it holds, each as of its class, and let them out by their residual rules; and the scopes must leave the patients
 * and the version.
 *
 * @rule access predicate
 */
export function mayBeSeen(
  { r4, base }: Pick<Data, 'r4' | 'base'>,
  version: StoredVersion,
  { bounds, decisionOf, content = version }: Seeing,
): boolean {
  const { patients } = version;
  if (patients.some((patient) => patient !== (bounds.patientOnly ?? patient))) return false;
  const parts = patients.length === 0 ? [] : versionParts(r4.registry, content, base);
  return (
    parts.every(({ className, facts }) =>
      patients.every((patient) => {
        const decision = decisionOf(patient, className);
        if (decision?.outcome !== 'permit') return false;
        return decision.residual.length === 0 || permits(decision.residual, facts());
      }),
    ) && withinScopes(r4, bounds, version)
  );
}
