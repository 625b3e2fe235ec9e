import { APPEND_ONLY } from '../../fhir/append-only.ts';
import { FhirError } from '../../fhir/errors.ts';
import { mayReferTo } from '../../search/chaining/parse-link.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import { StoreConflict } from '../../store/errors.ts';
import type { RecordWrite } from '../../store/record-store.ts';
import { ELSEWHERE } from '../index/index-of.ts';
import { searchStore } from '../search/search-store.ts';
import type { Data } from '../../access/groups.ts';
import type { Changing, Judging } from './changing.ts';
import type { Ambient } from '../groups.ts';
import type { Leaving } from './change-set.ts';
import type { Keeps } from './keeps.ts';

const DEPARTURES = 'departure';
/** After this long a deletion that has not ended never will: its server died. */
const DEAD = 60_000;
/** Is what a record says while it has not; the time in ms follows, or `ON_ITS_WAY`. */
const LEAVING = 'leaving ';
/** The deletion has gone to the ledger: its pending change ends it, however long that takes. */
const ON_ITS_WAY = 'by the ledger';
/** Says how long a writer waits for its end before it judges again, ms. */
const PATIENCE = 20;
const NOTHING: Keeps = { pass: [], hold: [], free: [], restore: [] };

/** Expects that nobody deletes the target meanwhile. @throws StoreConflict while somebody does */
export async function notLeaving(
  services: Pick<Data, 'store'> & Pick<Ambient, 'clock'>,
  target: string,
): Promise<RecordWrite> {
  const before = await services.store.records.record(DEPARTURES, target);
  const guard = { collection: DEPARTURES, key: target, expected: before ?? null };
  if (!isLeaving(before)) return { ...guard, value: before };
  if (isDead(services, before)) return { ...guard, value: undefined };
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  throw new StoreConflict(`${target} is being deleted`);
}

/**
 * Writes a step that deletes resources, unless others refer to them. A deletion announces itself first, so that who
 * writes a reference to its target at the same time either is seen by it or is told of a conflict.
 *
 * @param leaving what the step leaves: references of what it changes itself count as they will be
 * @param write is given what ends the announcement with the step
 * @throws FhirError `conflict`
 */
export async function unlessReferred(
  services: Changing,
  { deleted, made }: Leaving,
  write: (departures: Keeps) => Promise<void>,
): Promise<void> {
  if (services.integrity !== 'write-and-delete' || deleted.size === 0) return write(NOTHING);
  const departures = await announce(services, deleted);
  try {
    for (const target of deleted) {
      if (!(await isReferred(services, target, new Set([...deleted, ...made])))) continue;
      throw new FhirError('conflict', `${target} cannot be deleted: other resources refer to it`);
    }
    await write(departures);
  } catch (error) {
    // An announcement that has gone to the ledger meanwhile is not ours to end; any other announcement ends by itself
    // at the latest.
    await services.store.write({ records: departures.pass }).catch(() => undefined);
    throw error;
  }
}

/** Says that these are being deleted. @throws StoreConflict while somebody else deletes one of them */
async function announce(
  services: Pick<Data, 'store'> & Ambient,
  deleted: ReadonlySet<string>,
): Promise<Keeps> {
  const { store, clock, newId } = services;
  const leaving = Buffer.from(`${LEAVING}${clock()}`, 'utf8');
  // Not to be taken for any record before it by who has read that one.
  const left = Buffer.from(`left ${newId()}`, 'utf8');
  const found = await Promise.all(
    [...deleted].map(async (key) => ({ key, before: await store.records.record(DEPARTURES, key) })),
  );
  if (found.some(({ before }) => isLeaving(before) && !isDead(services, before))) {
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    throw new StoreConflict('Somebody else deletes the same resource');
  }
  const each = (
    to: (before: Uint8Array | undefined) => Pick<RecordWrite, 'value' | 'expected'>,
  ): RecordWrite[] =>
    found.map(({ key, before }) => ({ collection: DEPARTURES, key, ...to(before) }));
  await store.write({ records: each((before) => ({ value: leaving, expected: before ?? null })) });
  const onItsWay = Buffer.from(`${LEAVING}${ON_ITS_WAY}`, 'utf8');
  return {
    pass: each(() => ({ value: left, expected: leaving })),
    hold: each(() => ({ value: onItsWay, expected: leaving })),
    free: each(() => ({ value: left })),
    restore: each(() => ({ value: left })),
  };
}

function isLeaving(record: Uint8Array | undefined): record is Uint8Array {
  return record !== undefined && Buffer.from(record).toString('utf8').startsWith(LEAVING);
}

function isDead({ clock }: Pick<Ambient, 'clock'>, record: Uint8Array): boolean {
  const since = Buffer.from(record).toString('utf8').slice(LEAVING.length);
  return since !== ON_ITS_WAY && clock() - Number(since) > DEAD;
}

/**
 * By the index, which has the references that no search parameter covers, too. What is on its way to the ledger is asked
 * first: when it is stored meanwhile, the search finds it.
 */
async function isReferred(
  services: Data & Pick<Judging, 'ledgerFirst'>,
  target: string,
  except: ReadonlySet<string>,
): Promise<boolean> {
  const onTheirWay = await services.ledgerFirst.onTheirWay();
  const isComing = onTheirWay.some(
    ({ type, id, index }) =>
      !APPEND_ONLY.has(type) &&
      !except.has(`${type}/${id}`) &&
      index.some((entry) => entry.kind === 'reference' && entry.target === target),
  );
  if (isComing) return true;
  const { matches } = await searchStore(services, {
    ...(await referringTo(services, target, except)),
    sort: [],
    count: 1,
    total: 'none',
  });
  return matches.length > 0;
}

async function referringTo(
  { store, r4 }: Data,
  target: string,
  except: ReadonlySet<string>,
): Promise<TypedFilter & { readonly others: readonly TypedFilter[] }> {
  const [targetType = ''] = target.split('/');
  // Records tell of what was, and outlive it: they could never be taken out of the way.
  const types = [...(await store.versions.types())].filter((type) => !APPEND_ONLY.has(type));
  const searches = types.sort().map((type): TypedFilter => {
    const codes = [...r4.registry.parameters(type).values()]
      .filter((parameter) => parameter.type === 'reference' && mayReferTo(parameter, targetType))
      .map(({ code }) => code);
    const any = [...codes, ELSEWHERE].map((param): Filter => ({ op: 'reference', param, target }));
    const left = [...except]
      .filter((key) => key.startsWith(`${type}/`))
      .map((key) => key.slice(type.length + 1));
    const others: Filter = { op: 'not', filter: { op: 'id', ids: left } };
    return { type, filter: { op: 'and', all: [{ op: 'or', any }, others] } };
  });
  const [first, ...others] = searches;
  // All that is to be deleted has been written before.
  if (first === undefined) throw new Error('nothing was ever written');
  return { ...first, others };
}
