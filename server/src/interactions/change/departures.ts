import { FhirError } from '../../fhir/errors.ts';
import { mayReferTo } from '../../search/parse/parse-link.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import { StoreConflict, type RecordWrite } from '../../store/resource-store.ts';
import { ELSEWHERE } from '../index/index-of.ts';
import { searchStore } from '../search/search-store.ts';
import type { Services } from '../services.ts';
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
export async function notLeaving(services: Services, target: string): Promise<RecordWrite> {
  const before = await services.store.record(DEPARTURES, target);
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
  services: Services,
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
async function announce(services: Services, deleted: ReadonlySet<string>): Promise<Keeps> {
  const { store, clock, newId } = services;
  const leaving = Buffer.from(`${LEAVING}${clock()}`, 'utf8');
  // Not to be taken for any record before it by who has read that one.
  const left = Buffer.from(`left ${newId()}`, 'utf8');
  const found = await Promise.all(
    [...deleted].map(async (key) => ({ key, before: await store.record(DEPARTURES, key) })),
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

function isDead({ clock }: Services, record: Uint8Array): boolean {
  const since = Buffer.from(record).toString('utf8').slice(LEAVING.length);
  return since !== ON_ITS_WAY && clock() - Number(since) > DEAD;
}

/**
 * By the index, which has the references that no search parameter covers, too. What is on its way to the ledger is asked
 * first: when it is stored meanwhile, the search finds it.
 */
async function isReferred(
  services: Services,
  target: string,
  except: ReadonlySet<string>,
): Promise<boolean> {
  const onTheirWay = await services.ledgerFirst.onTheirWay();
  const isComing = onTheirWay.some(
    ({ type, id, index }) =>
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
  { store, r4 }: Services,
  target: string,
  except: ReadonlySet<string>,
): Promise<TypedFilter & { readonly others: readonly TypedFilter[] }> {
  const [targetType = ''] = target.split('/');
  const searches = [...(await store.types())].sort().map((type): TypedFilter => {
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
