import type { Principal } from '../auth/principal.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { closedFor, mayKeep } from './closed-binaries.ts';
import { contextOf } from './context-of.ts';
import type { Data, Deciding } from './groups.ts';
import type { Judges } from './judges.ts';

/** Says what stands for Binaries where access is decided. */
export interface Contexts {
  /** As it is now, by the Binary: each must let it out, decided as of its own type. */
  readonly of: ReadonlyMap<StoredVersion, readonly StoredVersion[]>;
  /** Holds those that stay hidden whatever is decided. */
  readonly hidden: ReadonlySet<StoredVersion>;
}

/**
 * Returns what stands for each Binary (`securityContext`, R4 binary.html), and for what it is judged by. A Binary written
 * while that was not here stays closed, whoever brings it later (docs/decisions/0033). Other resources have none, and what
 * is said of their patients suffices.
 *
 * @rule Binary.securityContext
 */
export async function contextsOf(
  services: Data & Pick<Deciding, 'organisation'>,
  principal: Principal,
  judges: Judges,
): Promise<Contexts> {
  const of = new Map<StoredVersion, readonly StoredVersion[]>();
  const hidden = new Set<StoredVersion>();
  for (const [version, by] of judges) {
    if (version.type !== 'Binary') continue;
    const contexts = await Promise.all(by.map((judge) => standsFor(services, principal, judge)));
    const there = contexts.flatMap((context) => (context === 'hidden' ? [] : (context ?? [])));
    if (contexts.includes('hidden')) hidden.add(version);
    else if (there.length > 0) of.set(version, there);
  }
  return { of, hidden };
}

/** Undefined: nothing does, or it need not be asked. */
async function standsFor(
  services: Data & Pick<Deciding, 'organisation'>,
  principal: Principal,
  binary: StoredVersion,
): Promise<StoredVersion | 'hidden' | undefined> {
  const writer = await closedFor(services.store, binary);
  if (writer !== undefined) return mayKeep(services, principal, writer) ? undefined : 'hidden';
  const named = contextOf(binary, services.base);
  if (named === undefined) return undefined;
  const context =
    named === 'elsewhere' ? undefined : await services.store.versions.current(named.type, named.id);
  // Nobody can tell when what stood for it is gone, or says itself that something else stands for it.
  const cannotTell = context === undefined || context.deleted || context.type === 'Binary';
  return cannotTell ? 'hidden' : context;
}
