import { permits, type Code, type Decision, type ResourceFacts } from '@chartseal/chaincode';
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
  /** Tells which labels may count for nothing, where they are no reason to keep the caller from the version. */
  readonly lifting?: ((label: Code) => boolean) | undefined;
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
  { bounds, decisionOf, lifting }: Seeing,
): boolean {
  const { patients } = version;
  if (patients.some((patient) => patient !== (bounds.patientOnly ?? patient))) return false;
  const parts = patients.length === 0 ? [] : versionParts(r4.registry, version, base);
  return (
    parts.every(({ className, facts }) =>
      patients.every((patient) => {
        const decision = decisionOf(patient, className);
        return decision?.outcome === 'permit' && letsOut(decision.residual, facts, lifting);
      }),
    ) && withinScopes(r4, bounds, version)
  );
}

function letsOut(
  residual: Decision['residual'],
  factsOf: () => ResourceFacts,
  lifting: Seeing['lifting'],
): boolean {
  if (residual.length === 0) return true;
  const facts = factsOf();
  if (permits(residual, facts)) return true;
  if (lifting === undefined || !facts.labels.some(lifting)) return false;
  return permits(residual, { ...facts, labels: facts.labels.filter((label) => !lifting(label)) });
}
