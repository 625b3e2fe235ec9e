import { decodeString, encodeString, replaceStrings } from '../../fhir/json/replace-strings.ts';
import type { R4 } from '../../r4/r4.ts';
import { parseReference } from '../../fhir/reference.ts';

/** Says what references of a transaction become. */
export interface Links {
  /** fullUrl of an entry → `Type/id` */
  readonly identities: ReadonlyMap<string, string>;
  /** `Patient?identifier=…` as it stands → `Type/id` */
  readonly conditional: ReadonlyMap<string, string>;
  /** `Type/id` → the version that the transaction leaves of it. */
  readonly versions?: ReadonlyMap<string, number>;
}

/** Asks for a reference to the version: http://hl7.org/fhir/extensions/StructureDefinition-resolve-as-version-specific.html */
const AS_VERSION = 'http://hl7.org/fhir/StructureDefinition/resolve-as-version-specific';

/** Longer texts are no links. */
const LONGEST = 4096;
const REST_URL = /^(https?:\/\/.{1,2000})\/[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/;
const RELATIVE = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/;
const LINK_TYPES = new Set(['uri', 'url', 'oid', 'uuid']);
/** An attribute of the narrative as it stands in JSON, its quotes escaped or single. */
const ATTRIBUTE = /\b((?:href|src)\s*=\s*(\\"|'))([^"'<>]{1,4096}?)(?=\2)/g;

/**
 * Conditional references in a resource's text.
 *
 * @rule conditional reference
 */
export function conditionalReferences(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  if (!text.includes('?')) return found;
  replaceStrings(text, ({ path, raw }) => {
    if (path.at(-1) !== 'reference' || raw.length > LONGEST || !raw.includes('?')) return undefined;
    const value = decodeString(raw);
    if (parseReference(value)?.kind === 'conditional') found.add(value);
    return undefined;
  });
  return found;
}

/**
 * Replaces links to entries of the transaction where R4 (http.html#trules) says: references, elements of type uri,
 * url, oid and uuid, links and images of the narrative; not canonicals, nor what only looks like a link. Every other
 * character stays. A Bundle inside the transaction is a document of its own and left alone.
 *
 * @param fullUrl of the entry: relative references in it are relative to the server it names
 * @rule urn:uuid in a transaction
 */
export function rewriteLinks(
  text: string,
  fullUrl: string | undefined,
  { links, r4 }: { readonly links: Links; readonly r4: Pick<R4, 'typeAt'> },
): string {
  const root = REST_URL.exec(fullUrl ?? '')?.[1];
  let parsed: { readonly resourceType?: unknown } | undefined;
  const resource = (): { readonly resourceType?: unknown } =>
    (parsed ??= JSON.parse(text) as { resourceType?: unknown });

  return replaceStrings(text, ({ path, raw }) => {
    const name = path.at(-1);
    if (name === 'div') return rewriteNarrative(raw, links);
    if (raw.length > LONGEST || raw === '') return undefined;
    const value = decodeString(raw);
    const target = targetOf(value, name === 'reference' ? { root, links } : { links });
    if (target === undefined || target === value) return undefined;
    if (resource().resourceType === 'Bundle') return undefined;
    const at = r4.typeAt(resource(), path);
    if (at?.owner === 'Reference' && name === 'reference') {
      return encodeString(versioned(target, { links, resource: resource(), path }));
    }
    return LINK_TYPES.has(at?.type ?? '') ? encodeString(target) : undefined;
  });
}

function versioned(
  target: string,
  at: {
    readonly links: Links;
    readonly resource: { readonly resourceType?: unknown };
    readonly path: readonly (string | number)[];
  },
): string {
  const version = at.links.versions?.get(target);
  return version !== undefined && wantsVersion(at.resource, at.path)
    ? `${target}/_history/${version}`
    : target;
}

/** A Provenance tells of a version (R4 provenance.html), and a reference may ask to point to one. */
function wantsVersion(
  resource: { readonly resourceType?: unknown },
  path: readonly (string | number)[],
): boolean {
  if (resource.resourceType === 'Provenance' && path.length === 3 && path[0] === 'target') {
    return true;
  }
  let reference: unknown = resource;
  for (const step of path.slice(0, -1)) {
    reference = (reference as Readonly<Record<string | number, unknown>>)[step];
  }
  const { extension } = reference as {
    readonly extension?: readonly { readonly url?: string; readonly valueBoolean?: boolean }[];
  };
  return extension?.some(({ url, valueBoolean }) => url === AS_VERSION && valueBoolean) ?? false;
}

function targetOf(
  value: string,
  { root, links }: { readonly root?: string | undefined; readonly links: Links },
): string | undefined {
  const known = links.identities.get(value) ?? links.conditional.get(value);
  if (known !== undefined || root === undefined || !RELATIVE.test(value)) return known;
  return links.identities.get(`${root}/${value}`);
}

function rewriteNarrative(raw: string, { identities }: Links): string | undefined {
  if (identities.size === 0) return undefined;
  const rewritten = raw.replace(ATTRIBUTE, (whole, open: string, _quote: string, link: string) => {
    const target = identities.get(decodeLink(link));
    if (target === undefined) return whole;
    return open + encodeString(target);
  });
  return rewritten === raw ? undefined : rewritten;
}

function decodeLink(raw: string): string {
  try {
    return decodeString(raw).replaceAll('&amp;', '&');
  } catch {
    return raw;
  }
}
