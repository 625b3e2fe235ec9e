import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { bad } from '../refusals.ts';
import { commonSort } from './common-sort.ts';
import type { Include } from '../include.ts';
import type { Shape } from '../../fhir/subset.ts';
import { includeNames } from './parse-include.ts';
import { parseElements } from './parse-shape.ts';
import { assertShowsIncluded, parseAskable } from './parse.ts';
import { assertAskable } from './limits.ts';
import { isControl, MOST_INCLUDES } from './controls.ts';
import type { ParsedSearch, ParseOptions } from './parse.ts';
import type { Registry } from '../registry.ts';

type Pair = readonly [name: string, value: string];

/**
 * Reads the parameters of a search of several types, without `_type`. Each criterion must mean something for all of
 * them (https://hl7.org/fhir/R4/search.html#all); an element or an include need concern one of them only.
 *
 * @param types not empty
 * @throws FhirError `invalid` or `not-supported`, naming the parameter
 * @rule _type
 */
export function parseSearchOfTypes(
  types: readonly string[],
  pairs: Iterable<Pair>,
  registry: Registry,
  options: ParseOptions,
): ParsedSearch {
  const parse = (type: string, of: readonly Pair[]) => parseAskable(type, of, registry, options);
  const all = [...pairs];
  assertAskable(all);
  const ignored = new Map<string, ParsedSearch['ignored'][number]>();
  for (const pair of all) {
    if (isControl(pair[0])) continue;
    // A parameter that one type does not know must not select among the others.
    for (const type of types) {
      for (const found of parse(type, [pair]).ignored) ignored.set(found.name, found);
    }
  }
  const meant = all.filter(([name, value]) => value !== '' && !ignored.has(printable(name)));
  const common = meant.filter(([name]) => name !== '_elements' && !includeNames.includes(name));
  const [first, ...others] = types.map((type) => parse(type, common));
  if (first === undefined) throw new Error('no types to search');

  const one = (pair: Pair) => anyOf(likely(types, pair, registry), (type) => parse(type, [pair]));
  const elements = elementsOf(meant, types, registry);
  if (elements !== undefined && first.shape !== undefined) {
    throw bad('_elements', 'more than one of _summary and _elements is given');
  }
  const shape = elements ?? first.shape;
  const includes = includesOf(meant, one);
  assertShowsIncluded(shape, includes);
  return {
    query: {
      ...first.query,
      sort: commonSort(
        [first, ...others].map(({ query: { type, sort } }) => ({ type, sort })),
        registry,
      ),
      others: others.map(({ query: { type, filter } }) => ({ type, filter })),
    },
    used: meant.flatMap((pair) => (pair[0] === '_elements' ? [pair] : one(pair).used)),
    ignored: [...ignored.values()],
    patients: [...new Set([first, ...others].flatMap(({ patients }) => patients))].sort(),
    includes,
    shape,
    criteria: first.criteria,
  };
}

function elementsOf(
  meant: readonly Pair[],
  types: readonly string[],
  registry: Registry,
): Shape | undefined {
  const lists = meant.filter(([name]) => name === '_elements').map(([, value]) => value);
  const [list, ...more] = lists;
  if (list === undefined) return undefined;
  if (more.length > 0) throw bad('_elements', 'it is given twice');
  return parseElements(types, list, registry);
}

/** The types with those first that an include can be of, so that few are asked in vain. */
function likely(
  types: readonly string[],
  [name, value]: Pair,
  registry: Registry,
): readonly string[] {
  if (!includeNames.includes(name)) return types;
  const [source = '', param = '', target] = value.split(':');
  const targets = registry.parameters(source).get(param)?.targets ?? [];
  const first = new Set(target === undefined ? [source, ...targets] : [source, target]);
  return [...types.filter((type) => first.has(type)), ...types.filter((type) => !first.has(type))];
}

function includesOf(meant: readonly Pair[], one: (pair: Pair) => ParsedSearch): readonly Include[] {
  const asked = meant.filter(([name]) => includeNames.includes(name));
  const [beyond] = asked.slice(MOST_INCLUDES);
  if (beyond) {
    throw new FhirError('too-costly', `Search parameter ${beyond[0]}: there are too many`, {
      expression: `http.${beyond[0]}`,
    });
  }
  return asked.flatMap(([name, value]) => {
    const { includes } = one([name, value]);
    return value === '*' ? includes.map((each) => ({ ...each, source: undefined })) : includes;
  });
}

/** The result for the first type that allows one; else the first refusal. */
function anyOf<T>(types: readonly string[], act: (type: string) => T): T {
  let refused: unknown;
  for (const type of types) {
    try {
      return act(type);
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      refused ??= error;
    }
  }
  throw refused;
}
