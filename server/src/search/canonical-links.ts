import { namesCanonical } from './parse/parse-uri.ts';
import type { Filter } from './query.ts';
import type { Registry } from './registry.ts';

/**
 * Parameters that chains and `_has` of a filter lead through and whose references are canonical URLs: such a link is
 * followed only where it names a resource by its place.
 */
export function canonicalLinks(
  registry: Registry,
  type: string,
  filter: Filter,
): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (of: string, param: string): void => {
    const parameter = registry.parameters(of).get(param);
    if (parameter !== undefined && namesCanonical(parameter)) found.add(`${of}:${param}`);
  };
  const walk = (here: string, part: Filter): void => {
    switch (part.op) {
      case 'and':
        for (const each of part.all) walk(here, each);
        break;
      case 'or':
        for (const each of part.any) walk(here, each);
        break;
      case 'not':
        walk(here, part.filter);
        break;
      case 'chain':
        look(here, part.param);
        walk(part.type, part.filter);
        break;
      case 'referenced':
        look(part.type, part.param);
        walk(part.type, part.filter);
        break;
      default:
    }
  };
  walk(type, filter);
  return found;
}
