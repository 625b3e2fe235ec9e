import { FhirError } from '../fhir/errors.ts';
import type { Filter } from './query.ts';

/**
 * A criterion on a resource that stands inside of another, as the first of a document does in its Bundle, is one on the
 * index of the outer resource, where its parameters stand under `<code>.<theirs>`.
 *
 * @throws FhirError `not-supported` for what would lead to the inner resource from elsewhere
 */
export function embeddedCriterion(code: string, filter: Filter): Filter {
  const present = (param: string): Filter => ({ op: 'missing', param, missing: false });
  // Where there is nothing inside, nothing is missing inside either.
  const there: Filter = { op: 'or', any: [present(code), present(`${code}:present`)] };
  return { op: 'and', all: [embeddedFilter(code, filter), there] };
}

function embeddedFilter(code: string, filter: Filter): Filter {
  const inside = (part: Filter): Filter => embeddedFilter(code, part);
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map(inside) };
    case 'or':
      return { op: 'or', any: filter.any.map(inside) };
    case 'not':
      return { op: 'not', filter: inside(filter.filter) };
    case 'id': {
      const param = `${code}._id`;
      return { op: 'codes', param, lists: [{ system: null, codes: filter.ids }] };
    }
    case 'lastUpdated':
    case 'patients':
    case 'referenced':
      throw new FhirError(
        'not-supported',
        `Search parameter ${code}: that cannot be asked of a resource inside of another`,
        { expression: `http.${code}` },
      );
    default:
      return { ...filter, param: `${code}.${filter.param}` };
  }
}
