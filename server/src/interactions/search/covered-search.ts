import type { Bounds } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { narrow, type Narrowing } from '../../consent/narrow.ts';
import { nothing } from '../../search/query.ts';
import type { Filter } from '../../search/query.ts';
import type { VersionStore } from '../../store/version-store.ts';
import { UNPLACED } from '../../consent/unplaced.ts';
import { CONTEXT_TYPE, coveredBy, WITHOUT_CONTEXT } from './context-index.ts';
import type { Data } from '../../access/groups.ts';

/**
 * Selects those Binaries that their security contexts let out: the context is there and surely permitted, as it is at
 * the moment of the search. Where an index cannot tell that, it counts as refused: docs/decisions/0025.
 */
export async function covered(
  services: Pick<Data, 'store'> & Narrowing,
  principal: Principal,
  { filter, bounds }: { readonly filter: Filter; readonly bounds: Bounds },
): Promise<Filter> {
  if (services.upkeep.outdated('Binary')) return nothing;
  const types = await contextTypes(services.store.versions);
  const any = types.map((type): Filter => {
    const within = narrow(services, principal, {
      bounds: { ...bounds, queries: [] },
      question: { action: 'access', className: type },
      surely: true,
    });
    return coveredBy(type, filter, within);
  });
  // No index says whether one is closed; what is stands among these.
  const placed: Filter = { op: 'patients', mode: 'not-in', patients: [UNPLACED] };
  const within: Filter = { op: 'and', all: [placed, { op: 'or', any }] };
  return { op: 'and', all: [filter, { op: 'or', any: [WITHOUT_CONTEXT, within] }] };
}

const known = new WeakMap<VersionStore, Set<string>>();

/** Returns the types that the contexts of Binaries are; a Binary cannot be one. */
async function contextTypes(versions: VersionStore): Promise<readonly string[]> {
  const found = known.get(versions) ?? new Set<string>();
  known.set(versions, found);
  for (const type of await versions.codes('Binary', CONTEXT_TYPE, found)) {
    if (type !== 'Binary') found.add(type);
  }
  return [...found].sort();
}
