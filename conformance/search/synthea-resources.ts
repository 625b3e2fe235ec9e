import { readFileSync } from 'node:fs';
import { syntheaBundles } from '../src/synthea.ts';
import type { Population } from '../src/synthea.ts';
import { objects, text } from './oracle/official.ts';
import type { Json } from './oracle/official.ts';

/** The resources of Synthea's bundles as a server holds them: with ids, and references to them. */
export async function syntheaResources(population: Population): Promise<Json[]> {
  const entries = (await syntheaBundles(population)).flatMap((file) =>
    objects((JSON.parse(readFileSync(file, 'utf8')) as Json)['entry']),
  );
  return resolveEntries(entries);
}

/** Entries of transactions that belong together; an entry that appears in several is taken once. */
function resolveEntries(entries: readonly Json[]): Json[] {
  const places = new Map<string, string>();
  const byPath = new Map<string, Json>();
  for (const entry of entries) {
    const resource = entry['resource'] as Json;
    const path = `${String(resource['resourceType'])}/${String(resource['id'])}`;
    places.set(text(entry['fullUrl']) ?? path, path);
    byPath.set(path, resource);
    for (const { system, value } of objects(resource['identifier'])) {
      const type = String(resource['resourceType']);
      places.set(`${type}?identifier=${String(system)}|${String(value)}`, path);
    }
  }
  return [...byPath.values()].map((resource) => resolved(resource, places) as Json);
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
