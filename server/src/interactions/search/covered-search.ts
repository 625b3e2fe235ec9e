import type { Bounds } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { narrow } from '../../consent/narrow.ts';
import { nothing } from '../../search/query.ts';
import type { Filter } from '../../search/query.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import { UNPLACED } from '../../consent/unplaced.ts';
import { CONTEXT_TYPE, coveredBy, WITHOUT_CONTEXT } from './context-index.ts';
import type { Services } from '../services.ts';

/**
 * Selects those Binaries that their security contexts let out: the context is there and surely permitted, as it is at
 * the moment of the search. Where an index cannot tell that, it counts as refused: docs/decisions/0025.
 */
export async function covered(
  services: Services,
  principal: Principal,
  { filter, bounds }: { readonly filter: Filter; readonly bounds: Bounds },
): Promise<Filter> {
  if (services.upkeep.outdated('Binary')) return nothing;
  const types = await contextTypes(services.store);
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
  return { op: 'and', all: [filter, placed, { op: 'or', any: [WITHOUT_CONTEXT, ...any] }] };
}

const known = new WeakMap<ResourceStore, Set<string>>();

/** Returns the types that the contexts of Binaries are; a Binary cannot be one. */
async function contextTypes(store: ResourceStore): Promise<readonly string[]> {
  const found = known.get(store) ?? new Set<string>();
  known.set(store, found);
  for (const type of await store.codes('Binary', CONTEXT_TYPE, found)) {
    if (type !== 'Binary') found.add(type);
  }
  return [...found].sort();
}
