import { namesCanonical } from '../../search/parse/parse-uri.ts';
import { referenceTypes } from '../../search/parse/reference-types.ts';
import type { Filter, IndexEntry } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { StoredVersion } from '../../store/resource-store.ts';

/** A reference to a definition by its canonical URL: http://hl7.org/fhir/R4/references.html#canonical */
export interface CanonicalReference {
  readonly param: string;
  readonly url: string;
  /** Business version; undefined: any. */
  readonly version: string | undefined;
}

/** Returns what a resource of the type refers to by canonical URLs, from its index. */
export function canonicalReferences(
  registry: Registry,
  type: string,
  index: readonly IndexEntry[],
): readonly CanonicalReference[] {
  const parameters = registry.parameters(type);
  const targets = new Map<string, string[]>();
  for (const entry of index) {
    const parameter = parameters.get(entry.param);
    if (entry.kind !== 'reference' || parameter === undefined || !namesCanonical(parameter))
      continue;
    // Fragments stand in the index beside what they are of.
    if (/^[a-z][a-z0-9+.-]*:[^#]+$/i.test(entry.target))
      targets.set(entry.param, [...(targets.get(entry.param) ?? []), entry.target]);
  }
  return [...targets].flatMap(([param, all]) =>
    all
      // With a version it is in the index without it, too.
      .filter((target) => target.includes('|') || !all.some((one) => one.startsWith(`${target}|`)))
      .map((target): CanonicalReference => {
        const [url = '', version] = target.split('|');
        return { param, url, version };
      }),
  );
}

/** Types of definitions that references of a parameter may lead to by URL. */
export function definitionTypes(
  registry: Registry,
  { type, param }: { readonly type: string; readonly param: string },
): readonly string[] {
  const parameter = registry.parameters(type).get(param);
  if (parameter === undefined || !namesCanonical(parameter)) return [];
  return referenceTypes(parameter).filter(
    (each) => registry.parameters(each).get('url')?.type === 'uri',
  );
}

/** Definitions that such a reference is to. */
export function definedAs({ url, version }: Omit<CanonicalReference, 'param'>): Filter {
  const named: Filter = { op: 'uri', param: 'url', match: 'exact', value: url };
  if (version === undefined) return named;
  // Versions are compared without case, as by their parameter.
  const code = version.toLowerCase();
  return { op: 'and', all: [named, { op: 'token', param: 'version', code }] };
}

/** A definition that something may refer to. */
export interface Definition extends Omit<CanonicalReference, 'param'> {
  readonly type: string;
  readonly key: string;
}

/** Resources that name one of these definitions by its URL, in whatever version. */
export function namesOf(
  registry: Registry,
  by: { readonly type: string; readonly param: string },
  definitions: readonly Definition[],
): Filter[] {
  const types = definitionTypes(registry, by);
  const urls = definitions.flatMap(({ type, url }) => (types.includes(type) ? [url] : []));
  return [...new Set(urls)].map((target): Filter => ({ op: 'reference', param: by.param, target }));
}

/** URL and version of a definition; undefined for other resources. */
export function definitionIn(
  registry: Registry,
  { type, body }: StoredVersion,
): Omit<CanonicalReference, 'param'> | undefined {
  if (registry.parameters(type).get('url')?.type !== 'uri') return undefined;
  const { url, version } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly url?: unknown;
    readonly version?: unknown;
  };
  if (typeof url !== 'string') return undefined;
  return { url, version: typeof version === 'string' ? version : undefined };
}

/** Tells whether a reference is to a definition. */
export function isTo(
  reference: Omit<CanonicalReference, 'param'>,
  definition: Omit<CanonicalReference, 'param'>,
): boolean {
  return (
    reference.url === definition.url &&
    (reference.version === undefined ||
      reference.version.toLowerCase() === definition.version?.toLowerCase())
  );
}
