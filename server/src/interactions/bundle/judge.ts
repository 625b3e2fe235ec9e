import type { Principal } from '../../auth/principal.ts';
import type { StoredVersion, VersionWrite, WriteSet } from '../../store/resource-store.ts';
import { accept, type Accepted } from '../accept.ts';
import { breather } from '../breather.ts';
import { concerned } from '../commit-version.ts';
import { assertUpdatable } from '../conditional.ts';
import { assertMatch } from '../if-match.ts';
import { newVersion } from '../new-version.ts';
import { changeable, patched } from '../patch.ts';
import { mayChange } from '../perform.ts';
import type { Services } from '../services.ts';
import { assertId } from '../update.ts';
import { atEntryOf } from './at-entry.ts';
import { rewriteLinks } from './links.ts';
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
  for (const step of plan.steps) {
    const current = currents.get(step);
    const one = await atEntryOf(step.entry, () =>
      judgeStep(services, principal, { step, current, plan }),
    );
    judged.push(one.judged);
    versions.push(...(one.write.versions ?? []));
    leaves.push(...(one.write.leaves ?? []));
    await breathe();
  }
  return { judged, write: { versions, leaves, records: plan.records } };
}

interface Asked {
  readonly step: Step;
  readonly current: StoredVersion | undefined;
  readonly plan: Plan;
}

async function judgeStep(
  services: Services,
  principal: Principal,
  asked: Asked,
): Promise<{ readonly judged: Judged; readonly write: WriteSet }> {
  const { step, current, plan } = asked;
  const { entry, type, id, action } = step;
  if (action === 'patch') return judgePatch(services, principal, asked);
  const accepted = acceptEntry(services, step, plan);
  if (action === 'nothing') {
    assertMatch(entry.ifMatch, step.existing);
    return { judged: { step }, write: {} };
  }
  const { interaction, permission, method } = WRITES[action];
  const change = { id, ...(accepted === undefined ? {} : { accepted }) };
  await mayChange(services, principal, {
    interaction,
    type,
    permission,
    patients: concerned(services, change, current),
  });
  if (step.fresh) assertUpdatable(current, { match: undefined, ifMatch: entry.ifMatch });
  else if (action !== 'create') assertMatch(entry.ifMatch, current);
  if (action === 'delete' && (current === undefined || current.deleted)) {
    return { judged: { step }, write: {} };
  }
  const made = await newVersion(services, { type, method, current, ...change });
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
  { step, current, plan }: Asked,
): Promise<{ readonly judged: Judged; readonly write: WriteSet }> {
  const { entry, type, id } = step;
  const { mediaType, body } = patchIn(
    rewriteLinks(entry.resource, entry.fullUrl, { links: plan.links, r4: services.r4 }),
  );
  const change = services.r4.readPatch(mediaType, body);
  const before = await changeable(
    services,
    principal,
    { type, id, ifMatch: entry.ifMatch },
    current,
  );
  const accepted = patched(services, before, change);
  if (accepted === undefined) return { judged: { step, previous: before }, write: {} };
  const { method, ...by } = WRITES.patch;
  await mayChange(services, principal, {
    ...by,
    type,
    patients: concerned(services, { id, accepted }, before),
  });
  const made = await newVersion(services, { type, id, method, accepted, current: before });
  return {
    judged: { step, version: made.version, accepted, previous: before },
    write: made.write,
  };
}

/** The resource with its links resolved, valid; also where it is not going to be stored. */
function acceptEntry(services: Services, step: Step, { links }: Plan): Accepted | undefined {
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
