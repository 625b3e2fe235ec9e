import type { R4 } from '../../../src/r4/r4.ts';
import { hierarchies } from '../../../src/search/parse/parse-hierarchy.ts';
import { modifiersOf } from '../../../src/search/parse/parse-criterion.ts';
import { referenceTypes } from '../../../src/search/chaining/reference-types.ts';
import type { SearchParameter } from '../../../src/search/search-parameter.ts';
import type { Target } from '../../support/hostile-queries.ts';

/** Types whose parameters of all types are searched by: with text and without, and the one that consents are about. */
const COMMON_TYPES = new Set(['Observation', 'Patient', 'Bundle']);

/** Chooses one target for each way of reading and evaluating: the stores see of a parameter no more than its name. */
export function oneOfEachWay(r4: R4): (target: Target) => boolean {
  const seen = new Set<string>();
  return ({ type, name }) => {
    const [code = '', rest = ''] = /^(\w+)(.*)$/s.exec(name)?.slice(1) ?? [name];
    const parameter = r4.registry.parameters(type).get(code);
    if (parameter === undefined || code.startsWith('_')) return COMMON_TYPES.has(type);
    if (rest === '') return true;
    const way = `${wayOf(parameter, r4)}${rest}`;
    if (seen.has(way)) return false;
    seen.add(way);
    return true;
  };
}

/** All that parsing and indexing look at of a parameter, apart from its name and its paths. */
export function wayOf(parameter: SearchParameter, { registry }: R4): string {
  const { type, implied, caseless, embedded, composite } = parameter;
  const parts = (composite?.parts ?? []).map((part) => wayOfPart(part));
  const reach = type === 'reference' ? Math.min(2, referenceTypes(parameter).length) : 0;
  return JSON.stringify([
    type,
    modifiersOf(parameter, registry),
    hierarchies(parameter, registry).size,
    [systemsOf(implied), caseless, embedded, reach],
    parts,
  ]);
}

function wayOfPart({ type, implied }: SearchParameter): string {
  return `${type}${systemsOf(implied)}`;
}

function systemsOf(implied: SearchParameter['implied']): string {
  if (implied === undefined) return '';
  const { listed, whole, indexed } = implied;
  return ` implied ${listed.size > 0} ${whole.size > 0} ${indexed}`;
}
