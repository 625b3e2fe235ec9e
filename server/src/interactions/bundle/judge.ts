import { decideChanges } from '../../access/decide-change.ts';
import type { Decided } from '../../access/decided.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Accepted } from '../change/accept.ts';
import type { ChangeSet, JudgedChange } from '../change/change-set.ts';
import { judgeChange, poseChange, type PosedChange } from '../change/judge-change.ts';
import { breather } from '../breather.ts';
import { keyOf } from '../../access/included.ts';
import type { Data } from '../../access/groups.ts';
import type { Judging } from '../change/changing.ts';
import type { Ambient } from '../groups.ts';
import { atEntry, atEntryOf } from './at-entry.ts';
import { contentsOf } from './contents.ts';
import { ownersLeft } from './owners-left.ts';
import type { Plan, Step } from './plan.ts';

/** A step with what it makes; no change when nothing was judged. */
export interface Judged {
  readonly step: Step;
  readonly change?: JudgedChange;
}

/** The whole transaction as one set of changes. */
export interface Judgement extends ChangeSet {
  readonly judged: readonly Judged[];
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
export async function judge(services: Judging, decided: Decided, plan: Plan): Promise<Judgement> {
  const currents = await currentOf(services, plan.steps);
  const breathe = breather(services.clock);
  const contents = await contentsOf(services, decided, { plan, currents });
  const owners = await ownersLeft(services, contents);
  const posed = new Map<Step, PosedChange>();
  for (const step of plan.steps) {
    const asked = { step, current: currents.get(step), accepted: contents.get(step), owners };
    const pose = await atEntryOf(step.entry, () => poseStep(services, asked));
    if (pose !== undefined) posed.set(step, pose);
    await breathe();
  }
  await decideChanges(
    services,
    decided,
    [...posed.values()].map(({ wanted }) => wanted),
  );
  const judged: Judged[] = [];
  for (const step of plan.steps) {
    const pose = posed.get(step);
    const { index } = step.entry;
    const change =
      pose === undefined
        ? unchanged(step, currents.get(step))
        : await atEntryOf(step.entry, () => judgeChange(services, decided, pose));
    judged.push({
      step,
      ...(change && { change: { ...change, blame: (error) => atEntry(index, error) } }),
    });
    await breathe();
  }
  const changes = judged.flatMap(({ change }) => (change === undefined ? [] : [change]));
  return { judged, changes, records: plan.records, there: existingIn(plan.steps) };
}

/** Returns what conditional creates found. */
function existingIn(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(steps.filter(({ existing }) => existing !== undefined).map(keyOf));
}

/** Undefined for a step that leaves everything as it is. */
async function poseStep(
  services: Judging,
  asked: {
    readonly step: Step;
    readonly current: StoredVersion | undefined;
    /** Holds what it leaves: see `contentsOf`. */
    readonly accepted: Accepted | undefined;
    /** See `ownersLeft`. */
    readonly owners: ReadonlyMap<string, readonly string[]>;
  },
): Promise<PosedChange | undefined> {
  const { step, current, accepted, owners } = asked;
  const { entry, type, id, action, fresh } = step;
  const { preconditions } = entry;
  if (action === 'nothing' || (action === 'patch' && accepted === undefined)) return undefined;
  const change = { ...WRITES[action], type, id, accepted, preconditions, fresh };
  return poseChange(services, change, { current, owners });
}

/** A patch that changes nothing was judged when it was applied. */
function unchanged(
  { type, id, action }: Step,
  previous: StoredVersion | undefined,
): JudgedChange | undefined {
  if (action !== 'patch') return undefined;
  const { method } = WRITES.patch;
  return { type, id, method, accepted: undefined, previous, made: undefined };
}

/** Current versions of what is replaced; what is created has none. */
async function currentOf(
  services: Pick<Data, 'store'> & Pick<Ambient, 'clock'>,
  steps: readonly Step[],
): Promise<ReadonlyMap<Step, StoredVersion>> {
  const found = new Map<Step, StoredVersion>();
  const asked = steps.filter(({ action }) => action !== 'create' && action !== 'nothing');
  const breathe = breather(services.clock);
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const some = asked.slice(from, from + AT_ONCE);
    const versions = await Promise.all(
      some.map(({ type, id }) => services.store.versions.current(type, id)),
    );
    some.forEach((step, i) => {
      const version = versions[i];
      if (version !== undefined) found.set(step, version);
    });
    await breathe();
  }
  return found;
}
