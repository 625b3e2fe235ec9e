import { parseReference } from './reference.ts';

type Path = readonly (string | number)[];

/**
 * Returns what a resource refers to in elements that no search parameter looks at, contained resources included: literal
 * references to this server, each once. A Bundle's entries are documents of their own.
 *
 * @param covered targets that search parameters find
 * @param isReference whether the element that has this member is a Reference
 */
export function uncoveredReferences(
  resource: object,
  of: {
    readonly base: string;
    readonly covered: ReadonlySet<string>;
    readonly isReference: (path: Path) => boolean;
  },
): readonly string[] {
  if ((resource as { readonly resourceType?: unknown }).resourceType === 'Bundle') return [];
  const found = new Set<string>();
  const walk = (value: unknown, path: Path): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      if (name !== 'reference' || typeof member !== 'string') {
        walk(member, at);
        continue;
      }
      const parsed = parseReference(member, of.base);
      if (parsed?.kind !== 'local') continue;
      const target = `${parsed.type}/${parsed.id}`;
      if (of.covered.has(target) || found.has(target)) continue;
      if (of.isReference(at)) found.add(target);
    }
  };
  walk(resource, []);
  return [...found];
}
