import type { Context } from '../../fhir/security-context.ts';
import { everything } from '../../search/query.ts';
import type { Filter, IndexEntry } from '../../search/query.ts';

/** No search parameters can have these names. */
const CONTEXT = ':context';
export const CONTEXT_TYPE = ':context-type';

/** Returns what the index of a Binary says of its security context: which it is, not what is said there. */
export function contextEntries(context: Context | undefined): readonly IndexEntry[] {
  if (context === undefined) return [];
  // Nothing has this name: no search finds its way to it, and so none to the Binary.
  if (context === 'elsewhere') return [{ kind: 'reference', param: CONTEXT, target: ':elsewhere' }];
  return [
    { kind: 'reference', param: CONTEXT, target: `${context.type}/${context.id}` },
    { kind: 'token', param: CONTEXT_TYPE, system: null, code: context.type },
  ];
}

/** Binaries for which nothing else stands. */
export const WITHOUT_CONTEXT: Filter = { op: 'missing', param: CONTEXT, missing: true };

/** Returns, of these Binaries, those whose context is of this type, is there now, and may be looked at. */
export function coveredBy(type: string, binaries: Filter, within: Filter): Filter {
  // From their context's end, too, few are looked at, if few match.
  const filter: Filter = {
    op: 'referenced',
    type: 'Binary',
    param: CONTEXT,
    filter: binaries,
    within: everything,
  };
  return { op: 'chain', param: CONTEXT, type, filter, within };
}
