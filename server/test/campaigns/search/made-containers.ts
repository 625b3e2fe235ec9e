import type { Json } from '../../oracle/official.ts';

/** Of each type, so many lie in one container; of a type with many resources there are several such containers. */
const EACH = 3;
const MOST_CONTAINERS = 2;

const CONTAINERS = ['Basic', 'List', 'Observation', 'CarePlan', 'MedicationRequest', 'Composition'];

/** Types that contain nothing. */
const PLAIN = new Set(['Bundle', 'Binary', 'Parameters']);

/**
 * Resources that contain others of these: some of each type side by side, together with what they refer to, each in a
 * container of its own type or of another.
 */
export function madeContainers(resources: readonly Json[]): readonly Json[] {
  const byPath = new Map(resources.map((one) => [pathOf(one), one]));
  const made: Json[] = [];
  for (const [type, all] of Map.groupBy(resources, (one) => String(one['resourceType']))) {
    for (let at = 0; at < Math.min(all.length, EACH * MOST_CONTAINERS); at += EACH) {
      const own = made.length % 3 === 0 && !PLAIN.has(type);
      made.push({
        resourceType: own ? type : CONTAINERS[made.length % CONTAINERS.length],
        id: `made-container-${made.length}`,
        contained: contentsOf(all.slice(at, at + EACH), byPath),
      });
    }
  }
  return made;
}

/** The resources with what they refer to; references to what lies beside them are local. */
function contentsOf(main: readonly Json[], byPath: ReadonlyMap<string, Json>): readonly Json[] {
  const all = new Map(main.map((one) => [pathOf(one), one]));
  for (const one of main) {
    const referred = [...referencesIn(one)].map((path) => byPath.get(path));
    const target = referred.find((found) => found !== undefined);
    if (target !== undefined) all.set(pathOf(target), target);
  }
  const local = new Map([...all.keys()].map((path, i) => [path, `in-${i}`]));
  return [...all].map(([path, resource]) => {
    const rest = without(resource, ['contained', 'meta']);
    const meta = without(resource['meta'] ?? {}, ['versionId', 'lastUpdated', 'security']);
    const kept = Object.keys(meta).length === 0 ? rest : { ...rest, meta };
    return { ...(beside(kept, local) as Json), id: local.get(path) };
  });
}

function without(json: object, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
}

function* referencesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  const { reference } = value as Json;
  if (typeof reference === 'string') yield reference;
  for (const item of Object.values(value)) yield* referencesIn(item);
}

function beside(value: unknown, local: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => beside(item, local));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const at = name === 'reference' ? local.get(String(item)) : undefined;
      return [name, at === undefined ? beside(item, local) : `#${at}`];
    }),
  );
}

function pathOf(resource: Json): string {
  return `${String(resource['resourceType'])}/${String(resource['id'])}`;
}
