import type { Principal } from '../../auth/principal.ts';
import { narrow } from '../../consent/narrow.ts';
import { FhirError } from '../../fhir/errors.ts';
import type {
  Chain,
  Filter,
  Referenced,
  SortKey,
  SortTarget,
  SortValue,
} from '../../search/query.ts';
import { WITHOUT_CONTEXT } from './context-index.ts';
import { boundsOf } from '../../access/disclose.ts';
import type { Services } from '../services.ts';

/**
 * The filter with every chain and `_has` in it limited to what this caller may surely see of the types it leads
 * through: what is hidden there can neither be found nor missed.
 *
 * @throws FhirError `forbidden` when the scopes do not allow a search of such a type
 * @rule chaining, _has
 */
export function guardLinks(services: Services, principal: Principal, filter: Filter): Filter {
  const reaches = new Map<string, Filter>();
  const reach = (type: string): Filter => {
    const known = reaches.get(type);
    if (known !== undefined) return known;
    const made = mayLookAt(services, principal, type);
    reaches.set(type, made);
    return made;
  };
  return guard(filter, reach);
}

/** The same for what chained sort keys lead to. */
export function guardSort(
  services: Services,
  principal: Principal,
  sort: readonly SortKey[],
): readonly SortKey[] {
  const reach = (type: string): Filter => mayLookAt(services, principal, type);
  return sort.map((key) => ({ ...key, ...guardValue(key, reach) }));
}

function guardValue(value: SortValue, reach: ReachOf): SortValue {
  const { param, through } = value;
  if (through === undefined) return { param };
  const kept = keepAllowed(
    through,
    (target): SortTarget => ({
      ...target,
      within: reach(target.type),
      value: guardValue(target.value, reach),
    }),
    () => true,
  );
  return { param, through: kept };
}

type ReachOf = (type: string) => Filter;

function guard(filter: Filter, reach: ReachOf): Filter {
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map((part) => guard(part, reach)) };
    case 'or':
      return { op: 'or', any: alternatives(filter.any, reach) };
    case 'inside':
      return { ...filter, filter: guard(filter.filter, reach) };
    case 'not':
      return { op: 'not', filter: guard(filter.filter, reach) };
    case 'chain':
      return {
        ...filter,
        filter: guard(filter.filter, reach),
        within: reach(filter.type),
        // It lies inside of what the caller sees anyway.
        ...(filter.contained && { contained: guard(filter.contained, reach) }),
      };
    case 'referenced':
      return { ...filter, filter: guard(filter.filter, reach), within: reach(filter.type) };
    case 'hierarchy':
      return { ...filter, within: reach(filter.type) };
    default:
      return filter;
  }
}

/** `subject.name` means each type a subject can be: those that the scopes leave out count as having none. */
function alternatives(any: readonly Filter[], reach: ReachOf): readonly Filter[] {
  return keepAllowed(any, (each) => guard(each, reach), isLink);
}

/** Returns those that the scopes allow; none at all is forbidden. */
function keepAllowed<T>(
  all: readonly T[],
  guarded: (each: T) => T,
  mayBeLeftOut: (each: T) => boolean,
): readonly T[] {
  const kept: T[] = [];
  let refused: unknown;
  for (const each of all) {
    try {
      kept.push(guarded(each));
    } catch (error) {
      if (!mayBeLeftOut(each) || !(error instanceof FhirError)) throw error;
      refused ??= error;
    }
  }
  if (kept.length === 0 && refused !== undefined) throw refused as FhirError;
  return kept;
}

function isLink(filter: Filter): filter is Chain | Referenced {
  return filter.op === 'chain' || filter.op === 'referenced';
}

function mayLookAt(services: Services, principal: Principal, type: string): Filter {
  const bounds = boundsOf(principal, type, 's');
  const question = { action: 'access' as const, className: type };
  const narrowed = narrow(services, principal, { bounds, question, surely: true });
  // For which something else stands cannot be judged within a link: it counts as refused.
  return type === 'Binary' ? { op: 'and', all: [WITHOUT_CONTEXT, narrowed] } : narrowed;
}
