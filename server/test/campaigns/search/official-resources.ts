import { objects, officialFile, officialNames, text } from '../../oracle/official.ts';
import type { Json } from '../../oracle/official.ts';

/** Of types whose examples are the definitions of FHIR itself, so many; they are alike. */
const ENOUGH = 25;

/** Official R4 examples of every type, with an id; a resource that appears twice is taken once. */
export function officialResources(): Json[] {
  const taken = new Map<string, Json>();
  const counts = new Map<string, number>();
  for (const name of spread(officialNames())) {
    const type = name.slice(0, name.indexOf('-'));
    if ((counts.get(type) ?? 0) >= ENOUGH && DEFINITIONS.has(type)) continue;
    const resource = officialFile(name);
    const id = text(resource['id']);
    if (id === undefined || text(resource['resourceType']) !== type) continue;
    if (type === 'Bundle' && objects(resource['entry']).length > 40) continue;
    const path = `${type}/${id}`;
    if (taken.has(path)) continue;
    taken.set(path, resource);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...taken.values()];
}

const DEFINITIONS = new Set([
  'CodeSystem',
  'ConceptMap',
  'OperationDefinition',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
]);

/** Neighbours in the alphabet are the most alike. */
function spread(names: readonly string[]): string[] {
  return [...names].sort((a, b) => mixed(a) - mixed(b));
}

function mixed(name: string): number {
  let hash = 2166136261;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  return hash;
}
