import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/** Of types that R4 publishes no example of, or one that this server has no use for. */
const OWN: readonly Json[] = [
  { resourceType: 'Binary', contentType: 'text/plain', data: 'aGk=' },
  {
    resourceType: 'Subscription',
    status: 'off',
    reason: 'x',
    criteria: 'Patient?',
    channel: { type: 'rest-hook' },
  },
];

/** What the server gives, and narratives that break a rule. */
const LEFT_OUT = new Set(['id', 'meta', 'text']);

/** By resource type, one that is valid: the shortest of R4's own examples. */
export function minimalResources(types: readonly string[]): ReadonlyMap<string, Json> {
  const own = new Map(OWN.map((resource) => [String(resource['resourceType']), resource]));
  const shortest = new Map<string, string>();
  for (const name of readdirSync(folder)) {
    const type = /^([A-Z]\w+)-.*\.json$/.exec(name)?.[1];
    if (type === undefined || own.has(type)) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    const known = shortest.get(type);
    if (known === undefined || text.length < known.length) shortest.set(type, text);
  }
  return new Map(
    types.map((type) => {
      const text = shortest.get(type) ?? JSON.stringify({ resourceType: type });
      const whole = own.get(type) ?? (JSON.parse(text) as Json);
      const kept = Object.entries(whole).filter(([name]) => !LEFT_OUT.has(name));
      return [type, Object.fromEntries(kept)];
    }),
  );
}
