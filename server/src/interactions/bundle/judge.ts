import type { Principal } from '../../auth/principal.ts';
import type {
  RecordWrite,
  StoredVersion,
  VersionWrite,
  WriteSet,
} from '../../store/resource-store.ts';
import { accept, type Accepted } from '../change/accept.ts';
import { breather } from '../breather.ts';
import { ownersAfter } from '../change/commit-version.ts';
import { assertFree } from '../conditions/conditional.ts';
import { keyOf } from '../included.ts';
import { assertReferences, type Step as IntegrityStep } from '../change/integrity.ts';
import { concerned, mayReplace } from '../change/may-replace.ts';
import { newVersion } from '../change/new-version.ts';
import { changeable, patched } from '../change/patch.ts';
import { mayChange } from '../perform.ts';
import type { Services } from '../services.ts';
import { assertId } from '../change/update.ts';
import { atEntryOf } from './at-entry.ts';
import { rewriteLinks, type Links } from './links.ts';
import { patchIn } from './patch-entry.ts';
import type { Plan, Step } from './plan.ts';

/** A step with what it makes; no version when there is nothing to do. */
export interface Judged {
  readonly step: Step;
  readonly accepted?: Accepted;
  readonly previous?: StoredVersion;
  readonly version?: VersionWrite;
}

/** The whole transaction as one write set. */
export interface Judgement {
  readonly judged: readonly Judged[];
  readonly write: Required<WriteSet>;
  /** Keep what is referred to from being deleted meanwhile. */
  readonly guards: readonly RecordWrite[];
}

const AT_ONCE = 64;
const WRITES = {
  create: { interaction: 'create', permission: 'c', method: 'POST' },
  update: { interaction: 'update', permission: 'u', method: 'PUT' },
  patch: { interaction: 'patch', permission: 'u', method: 'PUT' },
  delete: { interaction: 'delete', permission: 'd', method: 'DELETE' },
} as const;

/**
 * Judges every step as it would be judged alone, and makes the versions; nothing is written.
 *
 * @throws FhirError naming the first entry that cannot be done
 */
export async function judge(
  services: Services,
  principal: Principal,
  plan: Plan,
): Promise<Judgement> {
  const currents = await currentOf(services, plan.steps);
  const breathe = breather(services.clock);
  const judged: Judged[] = [];
  const versions: VersionWrite[] = [];
  const leaves: NonNullable<WriteSet['leaves']>[number][] = [];
  const records: RecordWrite[] = [...plan.records];
  const made = {
    links: { ...plan.links, versions: versionsAfter(plan.steps, currents) },
    owners: new Map<string, readonly string[]>(),
  };
  for (const step of plan.steps.toSorted((a, b) => rank(a) - rank(b))) {
    const current = currents.get(step);
    const one = await atEntryOf(step.entry, () =>
      judgeStep(services, principal, { step, current, made }),
    );
    judged.push(one.judged);
    const left = one.judged.version ?? one.judged.previous;
    if (left !== undefined) {
      made.links.versions.set(`${left.type}/${left.id}`, left.version);
      made.owners.set(`${left.type}/${left.id}`, left.patients);
    }
    versions.push(...(one.write.versions ?? []));
    leaves.push(...(one.write.leaves ?? []));
    records.push(...(one.write.records ?? []));
    await breathe();
  }
  const guards = await referencesHold(services, principal, judged);
  return { judged, guards, write: { versions, leaves, records } };
}

/** Of a step that leaves resources: what it makes and what it deletes, by `Type/id`. */
export function leftBy(judged: readonly Judged[]): IntegrityStep {
  const kept = judged.filter(({ step, version }) => step.existing !== undefined || version);
  const isGone = ({ version }: Judged): boolean => version?.deleted === true;
  return {
    made: new Set(kept.filter((each) => !isGone(each)).map(({ step }) => keyOf(step))),
    gone: new Set(kept.filter(isGone).map(({ step }) => keyOf(step))),
  };
}

async function referencesHold(
  services: Services,
  principal: Principal,
  judged: readonly Judged[],
): Promise<readonly RecordWrite[]> {
  if (services.integrity === 'off') return [];
  const step = leftBy(judged);
  const guards = new Map<string, RecordWrite>();
  for (const { step: of, accepted, version } of judged) {
    if (accepted === undefined || version === undefined) continue;
    const { id } = of;
    const found = await atEntryOf(of.entry, () =>
      assertReferences(services, principal, { id, accepted, patients: version.patients, step }),
    );
    for (const guard of found) guards.set(guard.key, guard);
  }
  return [...guards.values()];
}

/** Types that concern whom other resources concern come after these. */
const LATER: ReadonlyMap<string, number> = new Map([
  ['Binary', 2],
  ['Provenance', 3],
]);

/** What a patch comes to decides its version, and whom some resources concern stands in those they name. */
function rank({ action, type }: Step): number {
  return action === 'patch' ? 0 : (LATER.get(type) ?? 1);
}

/** Versions that the steps make, as far as they are known before the steps are judged. */
function versionsAfter(
  steps: readonly Step[],
  currents: ReadonlyMap<Step, StoredVersion>,
): Map<string, number> {
  return new Map(
    steps.flatMap((step): [string, number][] => {
      const { type, id, action, existing } = step;
      const current = currents.get(step);
      if (action === 'patch') return [];
      if (action === 'nothing')
        return existing === undefined ? [] : [[`${type}/${id}`, existing.version]];
      return [[`${type}/${id}`, (current?.version ?? 0) + 1]];
    }),
  );
}

interface Asked {
  readonly step: Step;
  readonly current: StoredVersion | undefined;
  readonly made: {
    readonly links: Links;
    /** Patients of what is written before, by `Type/id`. */
    readonly owners: ReadonlyMap<string, readonly string[]>;
  };
}

async function judgeStep(
  services: Services,
  principal: Principal,
  asked: Asked,
): Promise<{ readonly judged: Judged; readonly write: WriteSet }> {
  const { step, current, made: before } = asked;
  const { entry, type, id, action } = step;
  if (action === 'patch') return judgePatch(services, principal, asked);
  const accepted = acceptEntry(services, step, before.links);
  if (action === 'nothing') return { judged: { step }, write: {} };
  const { interaction, permission, method } = WRITES[action];
  const change = { id, ...(accepted === undefined ? {} : { accepted }) };
  const owners = await ownersAfter(services, change, before.owners);
  const { preconditions } = entry;
  await mayReplace(services, principal, {
    interaction,
    type,
    permission,
    owners,
    current,
    preconditions,
  });
  if (step.fresh) assertFree(current);
  if (action === 'delete' && (current === undefined || current.deleted)) {
    return { judged: { step }, write: {} };
  }
  const made = await newVersion(services, principal, { type, method, owners, current, ...change });
  return {
    judged: {
      step,
      version: made.version,
      ...(accepted === undefined ? {} : { accepted }),
      ...(current === undefined ? {} : { previous: current }),
    },
    write: made.write,
  };
}

async function judgePatch(
  services: Services,
  principal: Principal,
  { step, current, made: { links, owners: made } }: Asked,
): Promise<{ readonly judged: Judged; readonly write: WriteSet }> {
  const { entry, type, id } = step;
  const { mediaType, body } = patchIn(
    rewriteLinks(entry.resource, entry.fullUrl, { links, r4: services.r4 }),
  );
  const change = services.r4.readPatch(mediaType, body);
  const before = await changeable(
    services,
    principal,
    { type, id, preconditions: entry.preconditions },
    current,
  );
  const accepted = patched(services, before, change);
  if (accepted === undefined) return { judged: { step, previous: before }, write: {} };
  const { method, ...by } = WRITES.patch;
  const owners = await ownersAfter(services, { id, accepted }, made);
  await mayChange(services, principal, { ...by, type, patients: concerned(owners, before) });
  const { version, write } = await newVersion(services, principal, {
    type,
    id,
    method,
    accepted,
    owners,
    current: before,
  });
  return { judged: { step, version, accepted, previous: before }, write };
}

/** The resource with its links resolved, valid; also where it is not going to be stored. */
function acceptEntry(services: Services, step: Step, links: Links): Accepted | undefined {
  const { entry, type, id, action } = step;
  if (entry.method === 'DELETE') return undefined;
  const text = rewriteLinks(entry.resource, entry.fullUrl, { links, r4: services.r4 });
  const accepted = accept(services.r4, type, text);
  if (action === 'update' && entry.target.id !== undefined) assertId(accepted, id);
  return accepted;
}

/** Current versions of what is replaced; what is created has none. */
async function currentOf(
  services: Services,
  steps: readonly Step[],
): Promise<ReadonlyMap<Step, StoredVersion>> {
  const found = new Map<Step, StoredVersion>();
  const asked = steps.filter(({ action }) => action !== 'create' && action !== 'nothing');
  const breathe = breather(services.clock);
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const some = asked.slice(from, from + AT_ONCE);
    const versions = await Promise.all(
      some.map(({ type, id }) => services.store.current(type, id)),
    );
    some.forEach((step, i) => {
      const version = versions[i];
      if (version !== undefined) found.set(step, version);
    });
    await breathe();
  }
  return found;
}
