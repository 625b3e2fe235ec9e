import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import { versionParts } from '../consent/version-parts.ts';
import type { StoredVersion } from '../store/version-store.ts';
import type { Data, Deciding } from './groups.ts';
import { judgesOf, type Judges } from './judges.ts';
import { mayBeSeen, type Seeing } from './may-be-seen.ts';
import { contextsOf, type Contexts } from './security-context.ts';

/** Holds everything that must be permitted for each of some versions to be seen. */
export interface Standing {
  readonly judges: Judges;
  readonly contexts: Contexts;
}

/** @param current see `judgesOf` */
export async function standingOf(
  services: Data & Pick<Deciding, 'organisation'>,
  principal: Principal,
  of: { readonly versions: readonly StoredVersion[]; readonly current: boolean },
): Promise<Standing> {
  const judges = await judgesOf(services, of.versions, of);
  return { judges, contexts: await contextsOf(services, principal, judges) };
}

/** Holds what is asked about: data of a class of a patient. */
export interface AskedPart {
  readonly className: string;
  readonly patient: string;
}

/** Returns what must be asked about a version: its own class first, then what it holds, and what stands for it. */
export function askedOf(
  { r4, base }: Pick<Data, 'r4' | 'base'>,
  { judges, contexts }: Standing,
  version: StoredVersion,
): { readonly own: readonly AskedPart[]; readonly context: readonly AskedPart[] } {
  const of = (judge: StoredVersion): AskedPart[] =>
    versionParts(r4.registry, judge, base).flatMap(({ className }) =>
      judge.patients.map((patient) => ({ className, patient })),
    );
  return {
    own: (judges.get(version) ?? [version]).flatMap(of),
    context: (contexts.of.get(version) ?? []).flatMap(of),
  };
}

/** Tells whether all of it lets the version be seen. */
export function isSeen(
  services: Pick<Data, 'r4' | 'base'>,
  { judges, contexts }: Standing,
  of: {
    readonly version: StoredVersion;
    /** The bounds of the scopes for its type. */
    readonly bounds: Bounds;
    readonly decisionOf: Seeing['decisionOf'];
    /** Counts for the version itself, not for what stands for it. */
    readonly lifting?: Seeing['lifting'];
  },
): boolean {
  const { version, bounds, decisionOf, lifting } = of;
  const by = judges.get(version);
  return (
    by?.every((judge) => mayBeSeen(services, judge, { bounds, decisionOf, lifting })) === true &&
    isCovered(services, contexts, { version, bounds, decisionOf })
  );
}

/** Tells whether what stands for a version lets it out; other resources than Binaries have nothing that does. */
export function isCovered(
  services: Pick<Data, 'r4' | 'base'>,
  contexts: Contexts,
  of: { readonly version: StoredVersion } & Pick<Seeing, 'bounds' | 'decisionOf'>,
): boolean {
  const { version, bounds, decisionOf } = of;
  if (contexts.hidden.has(version)) return false;
  // The queries of the scopes are about Binaries, not about what stands for them.
  const ofContext = { bounds: { patientOnly: bounds.patientOnly, queries: [] }, decisionOf };
  return (contexts.of.get(version) ?? []).every((context) =>
    mayBeSeen(services, context, ofContext),
  );
}
