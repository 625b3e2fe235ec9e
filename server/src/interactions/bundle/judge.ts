import type { Principal } from '../../auth/principal.ts';
import type {
  RecordWrite,
  StoredVersion,
  VersionWrite,
  WriteSet,
} from '../../store/resource-store.ts';
import type { Accepted } from '../change/accept.ts';
import { breather } from '../breather.ts';
import { ownersAfter } from '../change/commit-version.ts';
import { assertFree } from '../conditions/conditional.ts';
import { keyOf } from '../included.ts';
import { assertReferences, type Step as IntegrityStep } from '../change/integrity.ts';
import { mayReplace } from '../change/may-replace.ts';
import { newVersion } from '../change/new-version.ts';
import type { Services } from '../services.ts';
import { atEntryOf } from './at-entry.ts';
import { contentsOf } from './contents.ts';
import { ownersLeft } from './owners-left.ts';
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
  const contents = await contentsOf(services, principal, { plan, currents });
  const owners = await ownersLeft(services, contents);
  for (const step of plan.steps) {
    const current = currents.get(step);
    const accepted = contents.get(step);
    const one = await atEntryOf(step.entry, () =>
      judgeStep(services, principal, { step, current, accepted, owners }),
    );
    judged.push(one.judged);
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

async function judgeStep(
  services: Services,
  principal: Principal,
  asked: {
    readonly step: Step;
    readonly current: StoredVersion | undefined;
    /** What it leaves: see `contentsOf`. */
    readonly accepted: Accepted | undefined;
    /** See `ownersLeft`. */
    readonly owners: ReadonlyMap<string, readonly string[]>;
  },
): Promise<{ readonly judged: Judged; readonly write: WriteSet }> {
  const { step, current, accepted } = asked;
  const { entry, type, id, action } = step;
  if (action === 'nothing') return { judged: { step }, write: {} };
  const previous = current === undefined ? {} : { previous: current };
  if (action === 'patch' && accepted === undefined) {
    return { judged: { step, ...previous }, write: {} };
  }
  const { method, ...by } = WRITES[action];
  const change = { id, ...(accepted === undefined ? {} : { accepted }) };
  const owners = await ownersAfter(services, change, asked.owners);
  const { preconditions } = entry;
  await mayReplace(services, principal, { ...by, type, owners, current, preconditions });
  if (step.fresh) assertFree(current);
  if (action === 'delete' && (current === undefined || current.deleted)) {
    return { judged: { step }, write: {} };
  }
  const made = await newVersion(services, principal, { type, method, owners, current, ...change });
  const left = accepted === undefined ? {} : { accepted };
  return { judged: { step, version: made.version, ...left, ...previous }, write: made.write };
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
