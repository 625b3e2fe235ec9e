import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import type { SortKey, SortTarget, SortValue } from '../query.ts';
import type { Registry } from '../registry.ts';

/**
 * The order of several types, from what the same `_sort` means for each of them: by parameters of one kind, since values
 * of different kinds cannot be told to come before one another.
 *
 * @param sorts not empty, as many keys for each type
 * @throws FhirError `invalid`
 */
export function commonSort(
  sorts: readonly { readonly type: string; readonly sort: readonly SortKey[] }[],
  registry: Registry,
): readonly SortKey[] {
  const [first, ...others] = sorts;
  if (first === undefined) throw new Error('no types to sort');
  return first.sort.map((key, i) => {
    const kind = registry.parameters(first.type).get(key.param)?.type;
    return others.reduce((common, { type, sort }) => {
      const other = sort[i];
      if (other === undefined || registry.parameters(type).get(key.param)?.type !== kind) {
        throw new FhirError(
          'invalid',
          `Search parameter _sort: ${printable(key.param)} is of different kinds in ${first.type} and ${type}`,
          { expression: 'http._sort' },
        );
      }
      return { ...common, ...merged(common, other) };
    }, key);
  });
}

/** Merges what two types sort by: what is referred to may be of more types in one than in the other. */
function merged(a: SortValue, b: SortValue): SortValue {
  if (a.through === undefined || b.through === undefined) return a;
  const targets = new Map(a.through.map((target): [string, SortTarget] => [target.type, target]));
  for (const target of b.through) {
    const known = targets.get(target.type);
    const value = known === undefined ? target.value : merged(known.value, target.value);
    targets.set(target.type, { ...target, value });
  }
  return { param: a.param, through: [...targets.values()] };
}
