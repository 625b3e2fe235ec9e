import type { BundledVersion } from '../../fhir/bundle.ts';
import { containedResources, type ContainedResource } from '../../fhir/contained-resource.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import type { Found } from '../../access/disclose.ts';

/** Holds what stands in an entry of the answer, and of which type it is. */
export interface ShownRow {
  readonly version: BundledVersion;
  readonly type: string;
}

/**
 * The rows of a page that may be seen: versions themselves, or what they contain in its own text.
 * @param type of the contained resources
 */
export function shownRows(
  { versions, places }: Pick<Found, 'versions' | 'places'>,
  visible: readonly StoredVersion[],
  type: string,
): readonly ShownRow[] {
  const seen = new Set(visible);
  const opened = new Map<StoredVersion, readonly ContainedResource[]>();
  return versions.flatMap((version, i): ShownRow[] => {
    if (!seen.has(version)) return [];
    const place = places?.[i] ?? null;
    if (place === null) return [{ version, type: version.type }];
    const all = opened.get(version) ?? containedResources(version.body);
    opened.set(version, all);
    const one = all[place];
    if (one === undefined) throw new Error('an index names what its version does not contain');
    return [{ version: { ...version, body: one.body, inside: { id: one.id } }, type }];
  });
}

/** Security labels of the resources whose contents are shown by themselves, each once. */
export function labelsAround(rows: readonly ShownRow[], visible: readonly StoredVersion[]) {
  const around = new Set(
    rows.flatMap(({ version }) => (version.inside ? [`${version.type}/${version.id}`] : [])),
  );
  const labels = new Map<string, Readonly<Record<string, string>>>();
  for (const { type, id, body } of new Set(visible)) {
    if (!around.has(`${type}/${id}`)) continue;
    for (const label of labelsOf(body)) labels.set(JSON.stringify(label), label);
  }
  return [...labels.values()];
}

const PARTS = ['system', 'version', 'code', 'display'];

function labelsOf(body: Uint8Array): Record<string, string>[] {
  const { meta } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly meta?: { readonly security?: readonly Readonly<Record<string, unknown>>[] };
  };
  return (meta?.security ?? []).map((label) => {
    const texts = PARTS.flatMap((part): [string, string][] => {
      const value = label[part];
      return typeof value === 'string' ? [[part, value]] : [];
    });
    return Object.fromEntries(texts);
  });
}
