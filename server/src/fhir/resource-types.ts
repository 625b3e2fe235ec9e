import type { Definitions } from './definitions.ts';

const ABSTRACT = new Set(['Resource', 'DomainResource']);

/** Names of the concrete R4 resource types. */
export function resourceTypes(definitions: Definitions): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, { kind }] of definitions.types) {
    if (kind === 'resource' && !ABSTRACT.has(name)) names.add(name);
  }
  return names;
}
