import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { RecordWrite, StoredVersion } from '../../store/resource-store.ts';
import { breather } from '../breather.ts';
import { idToUpdate, toDelete } from '../conditions/conditional.ts';
import { claim, criteriaIn, Matcher, readCriteria, type Criteria } from '../conditions/criteria.ts';
import { boundsOf } from '../../access/disclose.ts';
import type { Services } from '../services.ts';
import { atEntryOf } from './at-entry.ts';
import type { Entry } from './entry.ts';
import { conditionalReferences, type Links } from './links.ts';

/** Says what is to become of an entry that changes something. */
export interface Step {
  readonly entry: Entry;
  readonly type: string;
  readonly id: string;
  readonly action: 'create' | 'update' | 'patch' | 'delete' | 'nothing';
  /** Conditional update that selects nothing: the id must be free. */
  readonly fresh: boolean;
  /** Conditional create: what is there already. */
  readonly existing?: StoredVersion;
  /** Conditional create whose criteria another entry has as well: it is told of what that one makes. */
  readonly twin?: true;
}

export interface Plan {
  /** In the order of R4: DELETE, POST, PUT and PATCH. */
  readonly steps: readonly Step[];
  readonly links: Links;
  /** Make sure that the conditions still hold when all is written. */
  readonly records: readonly RecordWrite[];
  /** Resources whose existence the outcome tells, with the entry it is told to. */
  readonly disclosed: readonly { readonly version: StoredVersion; readonly index: number }[];
}

type Write = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const ORDER: readonly Write[] = ['DELETE', 'POST', 'PUT', 'PATCH'];
const PERMISSIONS = { POST: 'c', PUT: 'u', PATCH: 'u', DELETE: 'd' } as const;
const ACTIONS = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/**
 * Finds out which resources the entries mean, before anything is changed.
 *
 * @param newId the same for an entry however often the transaction is planned
 * @throws FhirError naming the entry whose condition cannot be met, or entries that mean the same resource
 */
export async function planTransaction(
  services: Services,
  principal: Principal,
  asked: { readonly entries: readonly Entry[]; readonly newId: (index: number) => string },
): Promise<Plan> {
  const planner = new Planner(services, principal, asked.newId);
  const breathe = breather(services.clock);
  for (const method of ORDER) {
    for (const entry of asked.entries) {
      if (entry.method !== method || entry.operation !== undefined) continue;
      await atEntryOf(entry, () => planner.take(entry));
      await breathe();
    }
  }
  for (const { entry } of planner.steps) {
    await atEntryOf(entry, () => planner.resolve(entry));
    await breathe();
  }
  return planner;
}

interface Made {
  readonly type: string;
  readonly id: string;
  /** Is the index of the entry that makes it. */
  readonly index: number;
}

class Planner implements Plan {
  readonly steps: Step[] = [];
  readonly records: RecordWrite[] = [];
  readonly disclosed: { version: StoredVersion; index: number }[] = [];
  readonly links = {
    identities: new Map<string, string>(),
    conditional: new Map<string, string>(),
  };
  readonly #services: Services;
  readonly #principal: Principal;
  readonly #newId: (index: number) => string;
  readonly #matcher: Matcher;
  /** `Type/id` or fullUrl → entry that has it. */
  readonly #taken = new Map<string, number>();
  /** Criteria → what is made because they select nothing. */
  readonly #made = new Map<string, Made>();
  /** Type → ids that are deleted. */
  readonly #deleted = new Map<string, Set<string>>();

  constructor(services: Services, principal: Principal, newId: (index: number) => string) {
    this.#services = services;
    this.#principal = principal;
    this.#newId = newId;
    this.#matcher = new Matcher(services, principal);
  }

  async take(entry: Entry): Promise<void> {
    const { method, target } = entry;
    if (method === 'GET' || method === 'HEAD') return;
    boundsOf(this.#principal, target.type, PERMISSIONS[method]);
    for (const step of await this.#steps(entry, method)) this.#take(entry, method, step);
  }

  #take(entry: Entry, method: Write, step: Step): void {
    if (step.action !== 'nothing') this.#claimFor(entry, `${step.type}/${step.id}`, 'resource');
    if (step.action === 'delete') this.#goneOf(step.type).add(step.id);
    if (entry.fullUrl !== undefined && method !== 'DELETE') {
      this.#claimFor(entry, entry.fullUrl, 'fullUrl');
      if (entry.fullUrl !== `${this.#services.base}/${step.type}/${step.id}`) {
        this.links.identities.set(entry.fullUrl, `${step.type}/${step.id}`);
      }
    }
    if (step.existing !== undefined) {
      this.disclosed.push({ version: step.existing, index: entry.index });
    }
    this.steps.push(step);
  }

  async resolve(entry: Entry): Promise<void> {
    for (const reference of conditionalReferences(entry.resource)) {
      if (this.links.conditional.has(reference)) continue;
      const parsed = parseReference(reference, this.#services.base);
      if (parsed?.kind !== 'conditional') continue;
      const criteria = await this.#criteria(parsed.type, parsed.query);
      const made = this.#made.get(criteria.key);
      const match =
        made === undefined
          ? await this.#matcher.one(criteria, this.#deleted.get(parsed.type))
          : undefined;
      if (made === undefined && match === undefined) {
        throw new FhirError('precondition', `A conditional reference selects no ${parsed.type}`);
      }
      if (match !== undefined) this.disclosed.push({ version: match, index: entry.index });
      this.links.conditional.set(reference, `${parsed.type}/${made?.id ?? match?.id ?? ''}`);
    }
  }

  #criteria(type: string, text: string): Promise<Criteria> {
    return readCriteria(this.#services, this.#principal, { type, text });
  }

  async #steps(entry: Entry, method: Write): Promise<readonly Step[]> {
    const { type, id, query } = entry.target;
    if (method !== 'DELETE' || id !== undefined) return [await this.#step(entry, method)];
    const criteria = await this.#criteria(type, query);
    const deleted = this.#deleted.get(type);
    const { preconditions } = entry;
    const matches = await toDelete(this.#services, this.#matcher, {
      criteria,
      preconditions,
      deleted,
    });
    if (matches.length === 0) return [{ entry, type, id: '', action: 'nothing', fresh: false }];
    return matches.map((match) => ({ entry, type, id: match.id, action: 'delete', fresh: false }));
  }

  async #step(entry: Entry, method: Write): Promise<Step> {
    const { type, id } = entry.target;
    const text = criteriaOf(entry, this.#services);
    const action = ACTIONS[method];
    if (text === undefined) {
      return { entry, type, id: id ?? this.#newId(entry.index), action, fresh: false };
    }
    const criteria = await this.#criteria(type, text);
    const made = this.#made.get(criteria.key);
    if (made !== undefined) return this.#again(entry, method, made);
    // Before looking for matches: see `claim`.
    const claimed = await claim(this.#services, criteria);
    const match = await this.#matcher.one(criteria, this.#deleted.get(type));
    if (method === 'PATCH') {
      if (match === undefined) throw new FhirError('not-found', `The criteria select no ${type}`);
      return { entry, type, id: match.id, action, fresh: false };
    }
    if (method === 'POST' && match !== undefined) {
      return { entry, type, id: match.id, action: 'nothing', fresh: false, existing: match };
    }
    const named = method === 'PUT' ? idIn(entry.resource) : undefined;
    const chosen = idToUpdate(type, named, match) ?? this.#newId(entry.index);
    if (match === undefined) {
      this.records.push(claimed);
      this.#made.set(criteria.key, { type, id: chosen, index: entry.index });
    }
    return { entry, type, id: chosen, action, fresh: match === undefined };
  }

  /** R4: entries must not mean the same resource, but several may create it unless it exists. */
  #again(entry: Entry, method: Write, made: Made): Step {
    if (method !== 'POST') throw overlapping([made.index, entry.index], 'search criteria');
    const { type, id } = made;
    return { entry, type, id, action: 'nothing', fresh: false, twin: true };
  }

  #claimFor(entry: Entry, key: string, what: 'resource' | 'fullUrl'): void {
    const name = `${what} ${key}`;
    const other = this.#taken.get(name);
    if (other !== undefined) {
      throw overlapping([other, entry.index], what === 'resource' ? key : 'fullUrl');
    }
    this.#taken.set(name, entry.index);
  }

  #goneOf(type: string): Set<string> {
    const known = this.#deleted.get(type) ?? new Set();
    this.#deleted.set(type, known);
    return known;
  }
}

/** Undefined for an entry that means one resource without looking for it. */
function criteriaOf(
  { method, target: { type, id, query }, ifNoneExist }: Entry,
  { base }: Pick<Services, 'base'>,
): string | undefined {
  if (method !== 'POST') return id === undefined ? query : undefined;
  return ifNoneExist === undefined ? undefined : criteriaIn(ifNoneExist, { type, base });
}

function overlapping(indices: readonly number[], same: string): FhirError {
  const entries = indices.map((index) => `Bundle.entry[${index}]`);
  return new FhirError('invalid', `${entries.join(' and ')} have the same ${same}`, {
    expression: entries,
  });
}

function idIn(text: string): string | undefined {
  const { id } = JSON.parse(text) as { readonly id?: unknown };
  return typeof id === 'string' ? id : undefined;
}
