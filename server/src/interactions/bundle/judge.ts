import type { Principal } from '../../auth/principal.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { accept, type Accepted } from '../change/accept.ts';
import type { ChangeSet, JudgedChange } from '../change/change-set.ts';
import { judgeChange } from '../change/judge-change.ts';
import { breather } from '../breather.ts';
import { keyOf } from '../included.ts';
import { changeable, patched } from '../change/patch.ts';
import type { Services } from '../services.ts';
import { assertId } from '../change/update.ts';
import { atEntry, atEntryOf } from './at-entry.ts';
import { rewriteLinks, type Links } from './links.ts';
import { patchIn } from './patch-entry.ts';
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
  const made = {
    links: { ...plan.links, versions: versionsAfter(plan.steps, currents) },
    owners: new Map<string, readonly string[]>(),
  };
  for (const step of plan.steps.toSorted((a, b) => rank(a) - rank(b))) {
    const current = currents.get(step);
    const { index } = step.entry;
    const change = await atEntryOf(step.entry, () =>
      judgeStep(services, principal, { step, current, made }),
    );
    judged.push({
      step,
      ...(change && { change: { ...change, blame: (error) => atEntry(index, error) } }),
    });
    const left = change?.made?.version ?? change?.previous;
    if (left !== undefined) {
      made.links.versions.set(`${left.type}/${left.id}`, left.version);
      made.owners.set(`${left.type}/${left.id}`, left.patients);
    }
    await breathe();
  }
  const changes = judged.flatMap(({ change }) => (change === undefined ? [] : [change]));
  return { judged, changes, records: plan.records, there: existingIn(plan.steps) };
}

/** What conditional creates found. */
function existingIn(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(steps.filter(({ existing }) => existing !== undefined).map(keyOf));
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
  { step, current, made: { links, owners } }: Asked,
): Promise<JudgedChange | undefined> {
  const { entry, type, id, action, fresh } = step;
  const { preconditions } = entry;
  const accepted =
    action === 'patch'
      ? await patchEntry(services, principal, { step, current, links })
      : acceptEntry(services, step, links);
  if (action === 'nothing') return undefined;
  const change = { ...WRITES[action], type, id, accepted, preconditions, fresh };
  if (action === 'patch' && accepted === undefined) {
    const { method } = change;
    return { type, id, method, accepted, previous: current, made: undefined };
  }
  return judgeChange(services, principal, change, { current, owners });
}

/** What a patch leaves; undefined when nothing is different. */
async function patchEntry(
  services: Services,
  principal: Principal,
  asked: Pick<Asked, 'step' | 'current'> & { readonly links: Links },
): Promise<Accepted | undefined> {
  const { entry, type, id } = asked.step;
  const { links, current } = asked;
  const text = rewriteLinks(entry.resource, entry.fullUrl, { links, r4: services.r4 });
  const { mediaType, body } = patchIn(text);
  const change = services.r4.readPatch(mediaType, body);
  const which = { type, id, preconditions: entry.preconditions };
  return patched(services, await changeable(services, principal, which, current), change);
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
