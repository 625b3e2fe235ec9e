import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js';
import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { RecentlyUsed } from '../../fhir/terminology/recently-used.ts';
import { splitCanonical, type TerminologySource } from '../../fhir/terminology/source.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { disclose } from '../../access/disclose.ts';
import { searchStore } from './search-store.ts';
import type { Services } from '../services.ts';

type Stored = CodeSystem | ValueSet | ConceptMap;
type StoredType = Stored['resourceType'];

/** Says what is needed: canonical references, with or without `|version`. */
export interface Wanted {
  readonly valueSets?: readonly string[];
  readonly codeSystems?: readonly string[];
  readonly conceptMaps?: readonly string[];
  /** Value sets and code systems that a request brings itself: what they refer to is needed. */
  readonly brought?: readonly ValueSet[];
}

/** Resources that one request may make the server look for. */
const MOST_LOOKED_FOR = 100;

/**
 * The terminology that is present for this caller: R4's own, that of loaded packages and, where these have not what
 * is wanted or what it refers to, what is stored here and the caller's scopes let be read. What an operator loaded
 * is believed before what clients stored.
 */
export async function presentTerminology(
  services: Services,
  principal: Principal,
  wanted: Wanted,
): Promise<Terminology> {
  const { terminology } = services.r4;
  const found = new Map<string, Stored | undefined>();
  const look = async (type: StoredType, canonical: string): Promise<Stored | undefined> => {
    const key = `${type} ${canonical}`;
    if (found.has(key)) return found.get(key);
    if (found.size >= MOST_LOOKED_FOR) {
      throw new FhirError('too-costly', 'This refers to too many value sets and code systems');
    }
    const resource = await stored(services, principal, type, canonical);
    found.set(key, resource);
    return resource;
  };

  const systems = new Set(wanted.codeSystems);
  const sets: ValueSet[] = [...(wanted.brought ?? [])];
  const names = new Set(wanted.valueSets);
  const follow = (set: ValueSet): void => {
    for (const part of [...(set.compose?.include ?? []), ...(set.compose?.exclude ?? [])]) {
      const { system, version, valueSet = [] } = part;
      if (system !== undefined)
        systems.add(version === undefined ? system : `${system}|${version}`);
      for (const canonical of valueSet) names.add(canonical);
    }
  };
  sets.forEach(follow);
  // A Set gives what is added while it is walked.
  for (const canonical of names) {
    const set =
      terminology.valueSet(canonical) ??
      ((await look('ValueSet', canonical)) as ValueSet | undefined);
    if (set !== undefined) follow(set);
  }
  for (const canonical of systems) {
    const { url, version } = splitCanonical(canonical);
    if (terminology.codeSystem(url, version) === undefined) await look('CodeSystem', canonical);
  }
  for (const canonical of wanted.conceptMaps ?? []) {
    if (terminology.conceptMap(canonical) === undefined) await look('ConceptMap', canonical);
  }
  return [...found.values()].some((one) => one !== undefined)
    ? terminology.with(sourceOf(found))
    : terminology;
}

function sourceOf(found: ReadonlyMap<string, Stored | undefined>): TerminologySource {
  const get = (type: StoredType, url: string, version: string | undefined): Stored | undefined =>
    found.get(`${type} ${version === undefined ? url : `${url}|${version}`}`);
  return {
    codeSystem: (url, version) => get('CodeSystem', url, version) as CodeSystem | undefined,
    valueSet: (url, version) => get('ValueSet', url, version) as ValueSet | undefined,
    conceptMap: (url, version) => get('ConceptMap', url, version) as ConceptMap | undefined,
  };
}

/** Through the one way out; what the caller may not read is not there for this caller. */
async function stored(
  services: Services,
  principal: Principal,
  type: StoredType,
  canonical: string,
): Promise<Stored | undefined> {
  if (!allows(principal, type, 'r').allowed) return undefined;
  const { url, version } = splitCanonical(canonical);
  let resources: Stored[] = [];
  await disclose(services, principal, {
    interaction: 'terminology',
    type,
    permission: 'r',
    find: async (narrowed) => {
      const page = await searchStore(services, {
        type,
        filter: {
          op: 'and',
          all: [{ op: 'uri', param: 'url', match: 'exact', value: url }, narrowed],
        },
        sort: [{ param: '_lastUpdated', descending: true }],
        count: 50,
        total: 'none',
      });
      return { versions: page.matches, named: [] };
    },
    reply: (visible) => {
      resources = visible.map((found) => parsed(services, found));
      return { status: 200 };
    },
  });
  const fitting = resources.filter((one) => version === undefined || one.version === version);
  return fitting.sort((a, b) => newer(b.version, a.version))[0];
}

/** In bytes of their text. */
const MOST_KEPT = 8_000_000;
/** Parsed, by version: a version never changes. Who may see one is asked each time. */
const kept = new WeakMap<object, RecentlyUsed<Stored>>();

function parsed({ store }: Services, { type, id, version, body }: StoredVersion): Stored {
  const ofStore = kept.get(store) ?? new RecentlyUsed<Stored>(MOST_KEPT);
  kept.set(store, ofStore);
  return ofStore.get(`${type}/${id}/${version}`, () => [
    JSON.parse(Buffer.from(body).toString('utf8')) as Stored,
    body.length,
  ]);
}

/** Versions by their numbers, `1.10` after `1.9`; what has no version comes first. */
function newer(a: string | undefined, b: string | undefined): number {
  return (a ?? '').localeCompare(b ?? '', 'en', { numeric: true });
}
