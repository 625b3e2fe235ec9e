import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { narrow } from '../../consent/narrow.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { Include } from '../../search/include.ts';
import { mayReferTo } from '../../search/parse/parse-link.ts';
import { everything } from '../../search/query.ts';
import type { Filter } from '../../search/query.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { breather } from '../breather.ts';
import {
  canonicalReferences,
  definedAs,
  definitionIn,
  definitionTypes,
  isTo,
  namesOf,
  type CanonicalReference,
  type Definition,
} from './canonical-references.ts';
import { keyOf, type Included } from '../../access/included.ts';
import { searchSeen } from './search-seen.ts';
import type { Services } from '../services.ts';

/** Says how many resources may go along with one page, and over how many steps from it. */
const MOST_INCLUDED = 1000;
const MOST_ROUNDS = 32;

/**
 * Returns what a page of matches brings along: current resources of types that the scopes allow, narrowed by consent like a
 * search for them. Each is found once, however many ways lead to it, so that cycles come to an end.
 *
 * @throws FhirError `too-costly`
 * @rule _include, _revinclude
 */
export async function findIncluded(
  services: Services,
  principal: Principal,
  matches: readonly StoredVersion[],
  includes: readonly Include[],
): Promise<Included> {
  const search = new IncludeSearch(services, principal, {
    matches,
    written: await services.store.types(),
  });
  const asked = new Map(includes.map((include) => [JSON.stringify(include), include]));
  let from = matches;
  for (let round = 0; from.length > 0; round += 1) {
    const due = [...asked.values()].filter(({ iterate }) => iterate || round === 0);
    if (due.length === 0) break;
    if (round === MOST_ROUNDS) throw tooMany(`over more than ${MOST_ROUNDS} steps`);
    from = await search.step(from, due);
  }
  return { versions: search.versions, leadsTo: search.leadsTo };
}

class IncludeSearch {
  readonly versions: StoredVersion[] = [];
  readonly leadsTo = new Map<string, Set<string>>();
  readonly #services: Services;
  readonly #principal: Principal;
  /** Matches and what is included already. */
  readonly #known: Set<string>;
  readonly #written: ReadonlySet<string>;
  readonly #breathe: () => Promise<void>;
  readonly #narrowed = new Map<string, Filter | undefined>();
  readonly #referred = new Map<string, Referred>();

  constructor(
    services: Services,
    principal: Principal,
    {
      matches,
      written,
    }: { readonly matches: readonly StoredVersion[]; readonly written: ReadonlySet<string> },
  ) {
    this.#services = services;
    this.#principal = principal;
    this.#known = new Set(matches.map(keyOf));
    this.#written = written;
    this.#breathe = breather(services.clock);
  }

  /** One step on from these resources; what is new. */
  async step(
    from: readonly StoredVersion[],
    includes: readonly Include[],
  ): Promise<readonly StoredVersion[]> {
    const before = this.versions.length;
    const wanted = new Map<string, Set<string>>();
    for (const include of includes) {
      if (include.direction === 'to') {
        await this.#follow(from, include, wanted);
        await this.#followCanonicals(from, include);
      } else await this.#findReferring(from, include);
    }
    for (const [type, ids] of wanted) {
      await this.#find(type, { op: 'id', ids: [...ids] });
    }
    return this.versions.slice(before);
  }

  async #follow(
    from: readonly StoredVersion[],
    { source, param, target }: Include,
    wanted: Map<string, Set<string>>,
  ): Promise<void> {
    for (const version of from) {
      await this.#breathe();
      if (source !== undefined && version.type !== source) continue;
      for (const reference of this.#look(version).references) {
        if (param !== undefined && reference.param !== param) continue;
        if (target !== undefined && reference.type !== target) continue;
        this.#lead(keyOf(version), keyOf(reference));
        if (this.#known.has(keyOf(reference))) continue;
        wanted.set(reference.type, (wanted.get(reference.type) ?? new Set()).add(reference.id));
      }
    }
  }

  /** Definitions that are named by their URLs. */
  async #followCanonicals(
    from: readonly StoredVersion[],
    { source, param, target }: Include,
  ): Promise<void> {
    const { registry } = this.#services.r4;
    const wanted = new Map<string, [key: string, reference: CanonicalReference][]>();
    for (const version of from) {
      await this.#breathe();
      if (source !== undefined && version.type !== source) continue;
      for (const reference of this.#look(version).canonicals) {
        if (param !== undefined && reference.param !== param) continue;
        const types = definitionTypes(registry, { type: version.type, param: reference.param });
        for (const type of types.filter((each) => each === (target ?? each))) {
          wanted.set(type, [...(wanted.get(type) ?? []), [keyOf(version), reference]]);
        }
      }
    }
    for (const [type, references] of wanted) {
      const all = new Map(
        references.map(([, each]) => [`${each.url}|${each.version ?? ''}`, each]),
      );
      const found = await this.#find(type, { op: 'or', any: [...all.values()].map(definedAs) });
      for (const version of found) {
        const definition = definitionIn(registry, version);
        if (definition === undefined) continue;
        for (const [key, reference] of references)
          if (isTo(reference, definition)) this.#lead(key, keyOf(version));
      }
    }
  }

  async #findReferring(from: readonly StoredVersion[], include: Include): Promise<void> {
    const { r4 } = this.#services;
    const ids = new Map<string, string[]>();
    const definitions: Definition[] = [];
    for (const version of from) {
      const { type, id } = version;
      if (include.target !== undefined && include.target !== type) continue;
      ids.set(type, [...(ids.get(type) ?? []), id]);
      const definition = definitionIn(r4.registry, version);
      if (definition) definitions.push({ ...definition, type, key: keyOf(version) });
    }
    const sources = include.source === undefined ? r4.resourceTypes : [include.source];
    for (const source of sources) {
      const any = [...r4.registry.parameters(source).values()]
        .filter(({ code, type }) => type === 'reference' && code === (include.param ?? code))
        .flatMap((parameter) =>
          [...ids]
            .filter(([type]) => mayReferTo(parameter, type))
            .map(([type, list]) => pointsTo(parameter.code, type, list))
            .concat(namesOf(r4.registry, { type: source, param: parameter.code }, definitions)),
        );
      if (any.length === 0) continue;
      const found = await this.#find(source, { op: 'or', any });
      for (const version of found) {
        await this.#breathe();
        this.#leadFrom(version, include, { ids, definitions });
      }
    }
  }

  #leadFrom(
    version: StoredVersion,
    include: Include,
    {
      ids,
      definitions,
    }: {
      readonly ids: ReadonlyMap<string, readonly string[]>;
      readonly definitions: readonly Definition[];
    },
  ): void {
    const { references, canonicals } = this.#look(version);
    for (const reference of references) {
      if (include.param !== undefined && reference.param !== include.param) continue;
      if (ids.get(reference.type)?.includes(reference.id)) {
        this.#lead(keyOf(reference), keyOf(version));
      }
    }
    for (const reference of canonicals) {
      if (include.param !== undefined && reference.param !== include.param) continue;
      for (const definition of definitions)
        if (isTo(reference, definition)) this.#lead(definition.key, keyOf(version));
    }
  }

  /** Resources of the type that may be seen, those known already included; the new ones are kept. */
  async #find(type: string, filter: Filter): Promise<readonly StoredVersion[]> {
    const narrowed = this.#narrow(type);
    if (narrowed === undefined || !this.#written.has(type)) return [];
    await this.#breathe();
    const { matches, links } = await searchSeen(this.#services, this.#principal, {
      type,
      filter: { op: 'and', all: [filter, narrowed] },
      sort: [],
      // Matches are found again by what leads back to them.
      count: 2 * MOST_INCLUDED + 1,
      total: 'none',
    });
    for (const version of matches) {
      if (this.#known.has(keyOf(version))) continue;
      this.#known.add(keyOf(version));
      this.versions.push(version);
    }
    if (links.next !== undefined || this.versions.length > MOST_INCLUDED) {
      throw tooMany(`more than ${MOST_INCLUDED} resources`);
    }
    return matches;
  }

  /** undefined when the scopes do not allow the type: then nothing of it is included. */
  #narrow(type: string): Filter | undefined {
    if (!this.#narrowed.has(type)) {
      const bounds = allows(this.#principal, type, 's');
      const question = { action: 'access' as const, className: type };
      this.#narrowed.set(
        type,
        bounds.allowed ? narrow(this.#services, this.#principal, { bounds, question }) : undefined,
      );
    }
    return this.#narrowed.get(type);
  }

  #lead(from: string, to: string): void {
    const led = this.leadsTo.get(from);
    if (led === undefined) this.leadsTo.set(from, new Set([to]));
    else led.add(to);
  }

  /** Returns what a resource refers to. */
  #look(version: StoredVersion): Referred {
    const known = this.#referred.get(keyOf(version));
    if (known !== undefined) return known;
    const { r4 } = this.#services;
    const resource = JSON.parse(Buffer.from(version.body).toString('utf8')) as object;
    const index = r4.indexEntries(resource);
    const references = index.flatMap((entry): Reference[] => {
      if (entry.kind !== 'reference') return [];
      const [, type = '', id = ''] = /^(\w+)\/([A-Za-z0-9\-.]{1,64})$/.exec(entry.target) ?? [];
      return r4.isResourceType(type) ? [{ param: entry.param, type, id }] : [];
    });
    const canonicals = canonicalReferences(r4.registry, version.type, index);
    const found = { references, canonicals };
    this.#referred.set(keyOf(version), found);
    return found;
  }
}

interface Referred {
  readonly references: readonly Reference[];
  readonly canonicals: readonly CanonicalReference[];
}

interface Reference {
  readonly param: string;
  readonly type: string;
  readonly id: string;
}

function pointsTo(param: string, type: string, ids: readonly string[]): Filter {
  // The resources pointed to have been found within what the caller may look at.
  return { op: 'chain', param, type, filter: { op: 'id', ids }, within: everything };
}

function tooMany(what: string): FhirError {
  return new FhirError(
    'too-costly',
    `_include and _revinclude lead to ${what}: ask for a smaller _count or include less`,
    { expression: 'http._include' },
  );
}
