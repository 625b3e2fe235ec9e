import { readFileSync } from 'node:fs';
import { syntheaBundles } from '@chartseal/conformance/synthea';
import type { Population } from '@chartseal/conformance/synthea';
import { objects, text } from '../../oracle/official.ts';
import type { Json } from '../../oracle/official.ts';

/** The resources of Synthea's bundles as a server holds them: with ids, and references to them. */
export async function syntheaResources(population: Population): Promise<Json[]> {
  const bundles = await syntheaRecords(population);
  const byPath = bundles.flat().map((resource): [string, Json] => [pathOf(resource), resource]);
  return [...new Map(byPath).values()];
}

/** The same by bundle: hospitals, practitioners, then one record after the other. */
export async function syntheaRecords(population: Population): Promise<Json[][]> {
  const bundles = (await syntheaBundles(population)).map((file) =>
    objects((JSON.parse(readFileSync(file, 'utf8')) as Json)['entry']),
  );
  const places = placesOf(bundles.flat());
  return bundles.map((entries) =>
    entries.map(({ resource }) => resolved(resource, places) as Json),
  );
}

function pathOf(resource: Json): string {
  return `${String(resource['resourceType'])}/${String(resource['id'])}`;
}

/** By what entries of transactions refer to each other: URLs and identifiers. */
function placesOf(entries: readonly Json[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const entry of entries) {
    const resource = entry['resource'] as Json;
    const path = pathOf(resource);
    places.set(text(entry['fullUrl']) ?? path, path);
    for (const { system, value } of objects(resource['identifier'])) {
      const type = String(resource['resourceType']);
      places.set(`${type}?identifier=${String(system)}|${String(value)}`, path);
    }
  }
  return places;
}

function resolved(value: unknown, places: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, places));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) =>
      name === 'reference' && typeof item === 'string'
        ? [name, places.get(item) ?? item]
        : [name, resolved(item, places)],
    ),
  );
}
