import { parseReference } from '../../fhir/reference.ts';
import { nothing } from '../query.ts';
import { referenceTypes } from '../chaining/reference-types.ts';
import type { ValueContext } from './criterion.ts';
import type { Filter } from '../query.ts';
import type { Registry } from '../registry.ts';
import type { SearchParameter } from '../search-parameter.ts';
import { bad } from '../refusals.ts';
import { unescapeValue } from './value-text.ts';

/**
 * `:below` and `:above` of references to what forms a hierarchy of its own, as locations do by `partof`
 * (https://hl7.org/fhir/R4/search.html#reference).
 */
const PARENT = ['partof', 'part-of'];

/** The types a reference of this parameter can lead to that have a parent of their own type, with its parameter. */
export function hierarchies(
  parameter: SearchParameter,
  registry: Registry,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (parameter.type !== 'reference') return found;
  for (const type of referenceTypes(parameter)) {
    const parameters = registry.parameters(type);
    const parent = PARENT.find((code) => {
      const up = parameters.get(code);
      return up?.type === 'reference' && referenceTypes(up).includes(type);
    });
    if (parent !== undefined) found.set(type, parent);
  }
  return found;
}

/**
 * @throws FhirError `invalid`, naming the parameter
 *
 * @rule :above, :below
 */
export function hierarchyFilter(
  text: string,
  { parameter, modifier, baseUrl, registry }: ValueContext,
): Filter {
  const { code: param } = parameter;
  const parents = hierarchies(parameter, registry);
  const value = unescapeValue(text);
  const bare = /^[A-Za-z0-9\-.]{1,64}$/.test(value);
  const [only = ''] = parents.size === 1 ? parents.keys() : [];
  const at = parseReference(bare ? `${only}/${value}` : value, baseUrl);
  if (at?.kind !== 'local') throw bad(param, 'write the reference as Type/id');
  const { type, id } = at;
  const parent = parents.get(type);
  if (parent === undefined) throw bad(param, `${type} forms no hierarchy here`);
  return {
    op: 'hierarchy',
    param,
    type,
    id,
    parent,
    direction: modifier === 'below' ? 'below' : 'above',
    within: nothing,
  };
}
