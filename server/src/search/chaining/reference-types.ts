import { shapesOf } from '../expression/element-path.ts';
import type { SearchParameter } from '../search-parameter.ts';

/** The types that a bare id may be of; empty: any. */
export function referenceTypes(parameter: SearchParameter): readonly string[] {
  const only = shapesOf(parameter.paths).map(({ steps }) => steps.at(-1)?.target);
  const named = only.filter((type) => type !== undefined);
  return named.length === only.length && named.length > 0 ? [...new Set(named)] : parameter.targets;
}
