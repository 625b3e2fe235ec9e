import type { Principal } from '../../auth/principal.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import type { Accepted } from '../change/accept.ts';
import type { ChangeSet, JudgedChange } from '../change/change-set.ts';
import { judgeChange } from '../change/judge-change.ts';
import { breather } from '../breather.ts';
import { keyOf } from '../../access/included.ts';
import type { Services } from '../services.ts';
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
export async function judge(
  services: Services,
  principal: Principal,
  plan: Plan,
): Promise<Judgement> {
  const currents = await currentOf(services, plan.steps);
  const breathe = breather(services.clock);
  const judged: Judged[] = [];
  const contents = await contentsOf(services, principal, { plan, currents });
  const owners = await ownersLeft(services, contents);
  for (const step of plan.steps) {
    const current = currents.get(step);
    const accepted = contents.get(step);
    const { index } = step.entry;
    const change = await atEntryOf(step.entry, () =>
      judgeStep(services, principal, { step, current, accepted, owners }),
    );
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

async function judgeStep(
  services: Services,
  principal: Principal,
  asked: {
    readonly step: Step;
    readonly current: StoredVersion | undefined;
    /** Holds what it leaves: see `contentsOf`. */
    readonly accepted: Accepted | undefined;
    /** See `ownersLeft`. */
    readonly owners: ReadonlyMap<string, readonly string[]>;
  },
): Promise<JudgedChange | undefined> {
  const { step, current, accepted, owners } = asked;
  const { entry, type, id, action, fresh } = step;
  const { preconditions } = entry;
  if (action === 'nothing') return undefined;
  const change = { ...WRITES[action], type, id, accepted, preconditions, fresh };
  if (action === 'patch' && accepted === undefined) {
    const { method } = change;
    return { type, id, method, accepted, previous: current, made: undefined };
  }
  return judgeChange(services, principal, change, { current, owners });
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
