import { FhirError } from '../../fhir/errors.ts';
import type { ValueContext } from './criterion.ts';
import type { Filter, PartFilter } from '../query.ts';
import { bad } from '../refusals.ts';
import { splitAt } from './value-text.ts';

/** Bounds the alternatives that one value can mean, taken together. */
const MOST_ALTERNATIVES = 256;

/**
 * `part$part`, each as its own type is written: https://hl7.org/fhir/R4/search.html#combining
 * A part that can mean several things, as a unit by its code or its name, makes several criteria.
 *
 * @rule composite
 */
export function compositeFilter(
  text: string,
  context: ValueContext,
  parse: (text: string, context: ValueContext) => Filter,
): Filter {
  const { code, composite } = context.parameter;
  const values = splitAt(text, '$');
  const parts = composite?.parts ?? [];
  if (values.length !== parts.length)
    throw bad(code, `it has ${parts.length} parts with $ between them`);
  const meant = parts.map((parameter, i) =>
    alternatives(parse(values[i] ?? '', { ...context, parameter, modifier: undefined })),
  );
  const any = meant.reduce<PartFilter[][]>(
    (made, next) => {
      if (made.length * next.length > MOST_ALTERNATIVES) {
        throw new FhirError('too-costly', `Search parameter ${code}: it can mean too much`, {
          expression: `http.${code}`,
        });
      }
      return made.flatMap((before) => next.map((part) => [...before, part]));
    },
    [[]],
  );
  const filters = any.map((some): Filter => ({
    op: 'composite',
    // Parts in the form of :ucum and :unit are indexed apart.
    param: code + some.map(({ param }) => param.slice(code.length)).join(''),
    parts: some.map((part) => ({ ...part, param: code })),
  }));
  return filters.length === 1 && filters[0] ? filters[0] : { op: 'or', any: filters };
}

function alternatives(filter: Filter): PartFilter[] {
  switch (filter.op) {
    case 'or':
      return filter.any.flatMap(alternatives);
    case 'string': {
      const { match } = filter;
      return match === 'prefix' || match === 'exact' ? [{ ...filter, match }] : [];
    }
    case 'token':
    case 'date':
    case 'reference':
    case 'uri':
    case 'number':
    case 'quantity':
      return [filter];
    default:
      throw new Error(`no part of a composite value: ${filter.op}`);
  }
}
