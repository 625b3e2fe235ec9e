import type { Bounds } from '../auth/authorize.ts';
import type { Principal } from '../auth/principal.ts';
import type { Question, Verdict } from '../consent/authority.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { split } from './bounds.ts';
import { closedFor, mayKeep } from './closed-binaries.ts';
import { contextOf } from './context-of.ts';
import type { Data, Deciding } from './groups.ts';
import { judgedBy } from './judged-by.ts';
import { mayBeSeen } from './may-be-seen.ts';

type Verdicts = Promise<ReadonlyMap<string, Verdict>> | ReadonlyMap<string, Verdict>;

interface Asking {
  readonly versions: readonly StoredVersion[];
  readonly principal: Principal;
  /** Returns the bounds of the scopes for Binary. */
  readonly bounds: () => Bounds;
  /** Asks about each patient. */
  readonly decide: (patients: readonly string[], question: Question) => Verdicts;
}

/**
 * Tells whether what stands for a Binary where access is decided (`securityContext`, R4 binary.html) lets it out: the
 * context as it is now, decided as of its own type. A Binary written while that was not here stays closed, whoever brings
 * it later (docs/decisions/0033). Other resources have none, and what is said of their patients suffices.
 *
 * @rule Binary.securityContext
 */
export async function coveredByContext(
  services: Data & Pick<Deciding, 'organisation'>,
  asking: Asking,
): Promise<(version: StoredVersion) => boolean> {
  const { contexts, hidden } = await contextsOf(services, asking);
  for (const type of new Set([...contexts.values()].map((context) => context.type))) {
    const ofType = [...contexts].filter(([, context]) => context.type === type);
    // The queries of the scopes are about Binaries, not about what stands for them.
    const bounds = { patientOnly: asking.bounds().patientOnly, queries: [] };
    const patients = new Set(ofType.flatMap(([, context]) => context.patients));
    const { within } = split([...patients].sort(), bounds);
    const verdicts = await asking.decide(within, { action: 'access', className: type });
    const decisionOf = (patient: string): Verdict | undefined => verdicts.get(patient);
    for (const [version, context] of ofType) {
      if (!mayBeSeen(services, context, { bounds, decisionOf })) hidden.add(version);
    }
  }
  return (version) => !hidden.has(version);
}

/** Returns what stands for each Binary, and those that stay hidden whatever is decided. */
async function contextsOf(
  services: Data & Pick<Deciding, 'organisation'>,
  { versions, principal }: Asking,
): Promise<{
  readonly contexts: ReadonlyMap<StoredVersion, StoredVersion>;
  readonly hidden: Set<StoredVersion>;
}> {
  const contexts = new Map<StoredVersion, StoredVersion>();
  const hidden = new Set<StoredVersion>();
  // A deletion is judged by what it deleted, here too.
  const binaries = versions.filter(({ type }) => type === 'Binary');
  const by = await judgedBy(services, binaries);
  for (const version of binaries) {
    const writer = await closedFor(services.store, version);
    if (writer !== undefined) {
      if (!mayKeep(services, principal, writer)) hidden.add(version);
      continue;
    }
    const named = contextOf(by.get(version) ?? version, services.base);
    if (named === undefined) continue;
    const context =
      named === 'elsewhere'
        ? undefined
        : await services.store.versions.current(named.type, named.id);
    // Nobody can tell when what stood for it is gone, or says itself that something else stands for it.
    if (context === undefined || context.deleted || context.type === 'Binary') hidden.add(version);
    else contexts.set(version, context);
  }
  return { contexts, hidden };
}
