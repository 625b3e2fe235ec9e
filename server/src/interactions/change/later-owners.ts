import { UNPLACED } from '../../consent/unplaced.ts';
import { closedFor } from '../../access/closed-binaries.ts';
import { keyOf } from '../../access/included.ts';
import { judgedBy } from '../../access/judged-by.ts';
import type { Data, Deciding } from '../../access/groups.ts';
import type { Actor } from '@chartseal/chaincode';
import { isOwnAdministration } from '../../consent/own-staff.ts';
import { decodeAuthor } from '../../provenance/author.ts';
import { FhirError } from '../../fhir/errors.ts';
import { objectsOf, type Json } from '../../fhir/rule.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import { contentOf } from '../../store/content-of.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { indexAgain } from '../index/index-again.ts';
import { LEADS } from '../index/index-of.ts';
import { AWAITED, awaitedRecord } from './awaited-owners.ts';
import { ownersOf } from './owners.ts';

/** Holds what finding owners takes. */
export type Finding = Data & Pick<Deciding, 'organisation'>;

/** More versions than these are compared with all that is awaited, instead of being looked up one by one. */
const FEW = 16;
const PER_PAGE = 50;

/** Selects what concerns somebody who cannot be told, whoever else it concerns. */
export const UNASSIGNED: Filter = {
  op: 'not',
  filter: { op: 'patients', mode: 'not-in', patients: [UNPLACED] },
};

/**
 * Finds out later whom data concern that were of somebody who could not be told when they were written: when it comes
 * what they lead to, and along chains. Data only go from unassigned to owned, and the step may be done again at any time.
 */
export class LaterOwners {
  readonly #services: Finding;
  readonly #failed: (error: unknown) => void;

  constructor(services: Finding, failed: (error: unknown) => void) {
    this.#services = services;
    this.#failed = failed;
  }

  /** These versions were written. What fails is tried again at the next start, until when it stays closed. */
  async written(versions: readonly StoredVersion[]): Promise<void> {
    try {
      const there = versions.filter(({ deleted }) => !deleted);
      for (const key of await this.#awaitedAmong(there.flatMap(keysOf))) await this.settle(key);
      // Their targets may have come while they were written.
      for (const version of there.filter(isUnassigned)) {
        const patients = await this.assign(version);
        if (!patients.includes(UNPLACED)) await this.#settleAwaited(keyOf(version));
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Goes through all that is awaited, and may have come before a crash. */
  async settleAll(): Promise<void> {
    const { records } = this.#services.store;
    for (const key of (await records.records(AWAITED)).keys()) await this.settle(key);
  }

  /** Looks again at what waits for something, and at what waits for that in turn. */
  async settle(key: string): Promise<void> {
    const settled = new Set<string>();
    for (const next = [key]; next.length > 0;) {
      const one = next.pop() ?? key;
      if (settled.has(one)) continue;
      settled.add(one);
      if (!(await this.#mayTell(one))) continue;
      const { assigned, left } = await this.#waitingFor(one);
      next.push(...assigned);
      const { store } = this.#services;
      if (left === 0) {
        await store.write({ records: [{ collection: AWAITED, key: one, value: undefined }] });
      }
    }
  }

  /**
   * Tells whether what is awaited may say whose data wait for it: written by the custodian's own systems and
   * administration. Somebody else could bring it about whom he likes, and take them. Identifiers are given by these alone.
   */
  async #mayTell(key: string): Promise<boolean> {
    if (key.includes('|')) return true;
    const { store, organisation } = this.#services;
    const [type = '', id = ''] = key.split('/');
    const version = await store.versions.current(type, id);
    if (version === undefined) return false;
    const content = (await store.leaves.leaf(version.leaf))?.content;
    // Earlier servers kept no authors.
    return content === undefined || isOwnAdministration(organisation, writerIn(content));
  }

  async #waitingFor(key: string): Promise<{ assigned: readonly string[]; left: number }> {
    const { store, r4 } = this.#services;
    const written = await store.versions.types();
    const waiting: Filter = { op: 'reference', param: LEADS, target: key };
    const [first, ...others] = r4.resourceTypes
      .filter((type) => written.has(type))
      .map((type): TypedFilter => ({ type, filter: { op: 'and', all: [waiting, UNASSIGNED] } }));
    const assigned: string[] = [];
    let left = 0;
    for (let page: string | undefined, more = first !== undefined; first && more;) {
      const found = await store.versions.search({
        ...first,
        ...{ others, sort: [], count: PER_PAGE, total: 'none' },
        ...(page !== undefined && { page }),
      });
      for (const version of found.matches) {
        const patients = await this.reconsider(version);
        if (patients.includes(UNPLACED)) left += 1;
        else assigned.push(keyOf(version));
      }
      page = found.links.next;
      more = page !== undefined;
    }
    return { assigned, left };
  }

  /** Finds out whom all versions of a resource concern that are unassigned. @returns whom the current one concerns */
  async reconsider({ type, id }: Pick<StoredVersion, 'type' | 'id'>): Promise<readonly string[]> {
    const { versions } = this.#services.store;
    let current: readonly string[] | undefined;
    for (let before: number | undefined, more = true; more;) {
      const some = await versions.history(type, id, {
        count: PER_PAGE,
        ...(before !== undefined && { before }),
      });
      for (const version of some) {
        const patients = await this.assign(version);
        current ??= patients;
      }
      before = some.at(-1)?.version;
      more = some.length === PER_PAGE;
    }
    return current ?? [];
  }

  /**
   * The same of one version. A Binary that is closed for its writer stays so: docs/decisions/0033.
   *
   * @param opening it may become nobody's: it was closed because the rules are new, not because something is awaited
   */
  async assign(
    version: StoredVersion,
    { opening } = { opening: false },
  ): Promise<readonly string[]> {
    const { store } = this.#services;
    const { type, id, patients: before } = version;
    if (!isUnassigned(version) || (await closedFor(store, version)) !== undefined) return before;
    const judged = (await judgedBy(this.#services, [version])).get(version) ?? version;
    if (judged.body.length === 0) return before;
    const resource = { ...contentOf(judged), id };
    const found = await ownersOf(this.#services, resource).catch((error: unknown) => {
      if (error instanceof FhirError) return undefined;
      throw error;
    });
    if (found === undefined) return before;
    const { patients, awaited } = found;
    const noted = new Set(await this.#awaitedAmong(awaited));
    const records = awaited.filter((key) => !noted.has(key)).map(awaitedRecord);
    if (records.length > 0) await store.write({ records });
    // To become nobody's is to become everybody's: that is for who may take an owner away (docs/decisions/0053).
    if (patients.length === 0 && !opening) return before;
    if (patients.join() === before.join()) return before;
    await store.versions.assign([{ type, id, version: version.version, before, patients }]);
    return patients;
  }

  /** Writes the index again, of what was written before it said what resources wait for. */
  async index(version: StoredVersion): Promise<void> {
    if (version.deleted) return;
    const { r4, store } = this.#services;
    await store.versions.reindex([{ ...version, ...indexAgain(r4, version, this.#failed) }]);
  }

  async #settleAwaited(key: string): Promise<void> {
    for (const one of await this.#awaitedAmong([key])) await this.settle(one);
  }

  async #awaitedAmong(keys: readonly string[]): Promise<readonly string[]> {
    const { records } = this.#services.store;
    if (keys.length > FEW) {
      const all = await records.records(AWAITED);
      return keys.filter((key) => all.has(key));
    }
    const found = await Promise.all(keys.map((key) => records.record(AWAITED, key)));
    return keys.filter((_key, i) => found[i] !== undefined);
  }
}

function writerIn(content: Uint8Array): Pick<Actor, 'msp' | 'organization' | 'role'> {
  const { msp, organization, role } = decodeAuthor(content).written;
  return { msp, organization, role: role as Actor['role'] };
}

function isUnassigned({ patients }: Pick<StoredVersion, 'patients'>): boolean {
  return patients.includes(UNPLACED);
}

/** Names by which others may lead to a resource. */
function keysOf(version: StoredVersion): readonly string[] {
  if (version.type !== 'Patient') return [keyOf(version)];
  const identifiers = objectsOf((contentOf(version) as Json)['identifier']);
  return [
    keyOf(version),
    ...identifiers.map(({ system, value }) => `${String(system)}|${String(value)}`),
  ];
}
