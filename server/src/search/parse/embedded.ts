import { FhirError } from '../../fhir/errors.ts';
import { LED_BY } from '../led-by.ts';
import { isNothing, nothing } from '../query.ts';
import type { Filter } from '../query.ts';

/**
 * A criterion on a resource that stands inside of another, as the first of a document does in its Bundle, is one on the
 * index of the outer resource, where its parameters stand under `<code>.<theirs>`.
 *
 * @throws FhirError `not-supported` for what would lead to the inner resource from elsewhere
 */
export function embeddedCriterion(code: string, filter: Filter): Filter {
  const present = (param: string): Filter => ({ op: 'missing', param, missing: false });
  const there: Filter = { op: 'or', any: [present(code), present(`${code}:present`)] };
  return existing(there, inside(code, filter, refuse(code)));
}

/**
 * The same for contained resources of a type that a reference leads to; undefined for what holds of none. Of several in
 * one parameter it is asked as if they were one: only what one of them lacks is asked of each.
 */
export function containedCriterion(code: string, type: string, filter: Filter): Filter | undefined {
  const prefix = `${code}:${type}`;
  const there: Filter = { op: 'missing', param: prefix, missing: false };
  const asked = inside(prefix, filter, () => nothing);
  if (isNothing(asked)) return undefined;
  const asOne = existing(there, asked);
  if (namesValue(filter) || !isOfCodes(filter)) return asOne;
  const led: Filter = { op: 'token', param: LED_BY, system: null, code };
  const alone: Filter = { op: 'inside', type, filter: { op: 'and', all: [filter, led] } };
  return { op: 'or', any: [asOne, alone] };
}

/** As `:not`, `:not-in` and `:missing` are made. */
function isOfCodes(filter: Filter): boolean {
  if (filter.op === 'and') return filter.all.every(isOfCodes);
  if (filter.op === 'or') return filter.any.every(isOfCodes);
  if (filter.op === 'not') return isOfCodes(filter.filter);
  return filter.op === 'token' || filter.op === 'codes' || filter.op === 'missing';
}

/** If there is nothing inside, nothing is missing inside either. What names a value needs no such care. */
function existing(there: Filter, filter: Filter): Filter {
  return namesValue(filter) ? filter : { op: 'and', all: [filter, there] };
}

function namesValue(filter: Filter): boolean {
  if (filter.op === 'or') return filter.any.every(namesValue);
  return filter.op !== 'and' && filter.op !== 'not' && filter.op !== 'missing';
}

function refuse(code: string): () => never {
  return () => {
    throw new FhirError(
      'not-supported',
      `Search parameter ${code}: that cannot be asked of a resource inside of another`,
      { expression: `http.${code}` },
    );
  };
}

/** Tells whether the index of the outer resource has what the criterion is about. */
function mayBeAsked(filter: Filter): boolean {
  if (filter.op === 'and') return filter.all.every(mayBeAsked);
  if (filter.op === 'or') return filter.any.every(mayBeAsked);
  if (filter.op === 'not') return mayBeAsked(filter.filter);
  return !['lastUpdated', 'patients', 'referenced', 'text', 'inside'].includes(filter.op);
}

/** @param deeper how many resources further inside are asked, which is as deep as they are indexed */
function inside(prefix: string, filter: Filter, otherwise: () => Filter, deeper = 1): Filter {
  const within = (part: Filter): Filter => inside(prefix, part, otherwise, deeper);
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map(within) };
    case 'or':
      return { op: 'or', any: filter.any.map(within) };
    case 'not':
      // A criterion that cannot be asked does not hold when it is negated either.
      return mayBeAsked(filter.filter) ? { op: 'not', filter: within(filter.filter) } : otherwise();
    case 'id': {
      const param = `${prefix}._id`;
      return { op: 'codes', param, lists: [{ system: null, codes: filter.ids }] };
    }
    case 'lastUpdated':
    case 'patients':
    case 'referenced':
    case 'inside':
    // The words that stores keep are those of the outer resource.
    case 'text':
      return otherwise();
    case 'chain': {
      const { contained, ...chain } = filter;
      return {
        ...chain,
        param: `${prefix}.${filter.param}`,
        ...(contained &&
          deeper > 0 && { contained: inside(prefix, contained, otherwise, deeper - 1) }),
      };
    }
    default:
      return { ...filter, param: `${prefix}.${filter.param}` };
  }
}
