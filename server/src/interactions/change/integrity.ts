import { decodeString, replaceStrings } from '@chartseal/evidence';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import { mayReferTo } from '../../search/parse/parse-link.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import { StoreConflict, type RecordWrite, type StoredVersion } from '../../store/resource-store.ts';
import type { Accepted } from './accept.ts';
import { foresee } from '../search/foresee.ts';
import { ELSEWHERE } from '../index/index-of.ts';
import { searchStore } from '../search/search-store.ts';
import type { Services } from '../services.ts';

/** What a step that writes several resources leaves, by `Type/id`. */
export interface Step {
  readonly made: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

export const ALONE: Step = { made: new Set(), gone: new Set() };

const DEPARTURES = 'departure';
/** After this long a deletion that has not ended never will: its server died. */
const DEAD = 60_000;
/** What a record says while it has not; the time in ms follows. */
const LEAVING = 'leaving ';
/** How long a writer waits for its end before it judges again, ms. */
const PATIENCE = 20;

/**
 * What a resource refers to is there, as far as its writer may know: what it may not see, and what does not concern the
 * patients that it writes of, is absent for it.
 *
 * @returns what keeps the targets from being deleted at the same time
 * @throws FhirError `unprocessable` that names the element
 */
export async function assertReferences(
  services: Services,
  principal: Principal,
  of: {
    readonly id: string;
    readonly accepted: Accepted;
    /** Patients for whom the change is permitted. */
    readonly patients: readonly string[];
    readonly step: Step;
  },
): Promise<readonly RecordWrite[]> {
  if (services.integrity === 'off') return [];
  const { type } = of.accepted;
  const itself = `${type}/${of.id}`;
  const visible = foresee(services, principal, undefined);
  const guards: RecordWrite[] = [];
  for (const [target, { element, version }] of referencesIn(services, of.accepted)) {
    if (target === itself || of.step.made.has(target)) continue;
    const [targetType = '', id = ''] = target.split('/');
    // Before looking at the target: a deletion that is over by then is seen, a later one changes the record.
    if (services.integrity === 'write-and-delete') guards.push(await notLeaving(services, target));
    const found = await services.store.current(targetType, id);
    const there =
      found?.deleted === false &&
      !of.step.gone.has(target) &&
      (version === undefined || Number(version) <= found.version) &&
      (concernsOnly(found, of.patients) || visible(found));
    if (!there) {
      throw new FhirError('unprocessable', `${element} refers to ${target}, which is not here`, {
        expression: element,
      });
    }
  }
  return guards;
}

/** Expects that nobody deletes the target meanwhile. @throws StoreConflict while somebody does */
async function notLeaving(services: Services, target: string): Promise<RecordWrite> {
  const before = await services.store.record(DEPARTURES, target);
  const guard = { collection: DEPARTURES, key: target, expected: before ?? null };
  if (!isLeaving(before)) return { ...guard, value: before };
  if (isDead(services, before)) return { ...guard, value: undefined };
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  throw new StoreConflict(`${target} is being deleted`);
}

function concernsOnly({ patients }: StoredVersion, permitted: readonly string[]): boolean {
  return patients.every((patient) => permitted.includes(patient));
}

interface Found {
  /** FHIRPath of the first element that holds it. */
  readonly element: string;
  readonly version: string | undefined;
}

/** Literal references to this server in a resource; a Bundle's entries are documents of their own. */
function referencesIn({ r4, base }: Services, accepted: Accepted): ReadonlyMap<string, Found> {
  const { type, resource, scanned } = accepted;
  const found = new Map<string, Found>();
  if (type === 'Bundle') return found;
  replaceStrings(scanned.text, ({ path, raw }) => {
    if (path.at(-1) !== 'reference') return undefined;
    const parsed = parseReference(decodeString(raw), base);
    if (parsed?.kind !== 'local' || !r4.isResourceType(parsed.type)) return undefined;
    if (r4.typeAt(resource, path)?.owner !== 'Reference') return undefined;
    const key = `${parsed.type}/${parsed.id}`;
    const element = path
      .slice(0, -1)
      .reduce<string>(
        (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${step}`),
        type,
      );
    if (!found.has(key)) found.set(key, { element, version: parsed.version });
    return undefined;
  });
  return found;
}

/**
 * Writes a step that deletes resources, unless others refer to them. A deletion announces itself first, so that who
 * writes a reference to its target at the same time either is seen by it or is told of a conflict.
 *
 * @param changed what else the step changes, by `Type/id`: these references count as they will be
 * @throws FhirError `conflict`
 */
export async function unlessReferred(
  services: Services,
  step: { readonly gone: ReadonlySet<string>; readonly changed: ReadonlySet<string> },
  write: (records: readonly RecordWrite[]) => Promise<void>,
): Promise<void> {
  const { gone, changed } = step;
  if (services.integrity !== 'write-and-delete' || gone.size === 0) return write([]);
  const leaving = Buffer.from(`${LEAVING}${services.clock()}`, 'utf8');
  // Not to be taken for any record before it by who has read that one.
  const left = Buffer.from(`left ${services.newId()}`, 'utf8');
  const announced = await Promise.all(
    [...gone].map(async (key) => ({
      collection: DEPARTURES,
      key,
      before: await services.store.record(DEPARTURES, key),
    })),
  );
  const turn = (
    to: (before: Uint8Array | undefined) => Pick<RecordWrite, 'value' | 'expected'>,
  ): RecordWrite[] =>
    announced.map(({ collection, key, before }) => ({ collection, key, ...to(before) }));
  if (announced.some(({ before }) => isLeaving(before) && !isDead(services, before))) {
    throw new StoreConflict('Somebody else deletes the same resource');
  }
  await services.store.write({
    records: turn((before) => ({ value: leaving, expected: before ?? null })),
  });
  try {
    for (const target of gone) {
      if (!(await isReferred(services, target, new Set([...gone, ...changed])))) continue;
      throw new FhirError('conflict', `${target} cannot be deleted: other resources refer to it`);
    }
    await write(turn(() => ({ value: left, expected: leaving })));
  } catch (error) {
    await services.store.write({ records: turn(() => ({ value: left, expected: leaving })) });
    throw error;
  }
}

function isLeaving(record: Uint8Array | undefined): record is Uint8Array {
  return record !== undefined && Buffer.from(record).toString('utf8').startsWith(LEAVING);
}

function isDead({ clock }: Services, record: Uint8Array): boolean {
  return clock() - Number(Buffer.from(record).toString('utf8').slice(LEAVING.length)) > DEAD;
}

/** By the index, which has the references that no search parameter covers, too. */
async function isReferred(
  services: Services,
  target: string,
  except: ReadonlySet<string>,
): Promise<boolean> {
  const [targetType = ''] = target.split('/');
  const { registry } = services.r4;
  const searches = [...(await services.store.types())].sort().map((type): TypedFilter => {
    const codes = [...registry.parameters(type).values()]
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
  if (first === undefined) return false;
  const { matches } = await searchStore(services, {
    ...first,
    others,
    sort: [],
    count: 1,
    total: 'none',
  });
  return matches.length > 0;
}
