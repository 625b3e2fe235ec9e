import { FhirError } from '../../fhir/errors.ts';
import { nothing } from '../query.ts';
import type { Criterion } from './criterion.ts';
import type { Filter } from '../query.ts';
import { bad } from '../refusals.ts';
import { splitOr } from './value-text.ts';

/**
 * Resources that a List of this server names as its items: https://hl7.org/fhir/R4/search.html#list
 * @throws FhirError naming `_list`
 * @rule _list
 */
export function listCriterion(modifier: string | undefined, value: string): Criterion {
  if (modifier !== undefined) {
    throw new FhirError('not-supported', `Search parameter _list: it has no modifier`, {
      expression: 'http._list',
    });
  }
  const ids = splitOr(value).map((text) => text.replace(/^List\//, ''));
  for (const id of ids) {
    if (id.startsWith('$')) {
      throw new FhirError(
        'not-supported',
        'Search parameter _list: functional lists are not supported',
        { expression: 'http._list' },
      );
    }
    if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw bad('_list', 'the value is no id of a List');
  }
  const within: Filter = nothing;
  return {
    kind: 'criterion',
    code: '_list',
    positive: false,
    filter: { op: 'referenced', type: 'List', param: 'item', filter: { op: 'id', ids }, within },
  };
}
