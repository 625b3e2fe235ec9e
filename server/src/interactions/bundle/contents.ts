import { decideChanges } from '../../access/decide-change.ts';
import type { Decided } from '../../access/decided.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { breather } from '../breather.ts';
import { accept, type Accepted } from '../change/accept.ts';
import { changeable, patched, toPatch } from '../change/patch.ts';
import { assertId } from '../change/update.ts';
import { keyOf } from '../../access/included.ts';
import type { Data, Deciding } from '../../access/groups.ts';
import type { Ambient } from '../groups.ts';
import { atEntryOf } from './at-entry.ts';
import { rewriteLinks, type Links } from './links.ts';
import { patchIn } from './patch-entry.ts';
import type { Plan, Step } from './plan.ts';

/**
 * Returns what each step leaves, its links resolved, valid; also where it is not going to be stored. Nothing for a
 * deletion, nor for a patch that changes nothing. What a patch comes to decides its version, so patches come first.
 *
 * @throws FhirError naming the entry: of a patch only to who may see and change what it patches
 */
export async function contentsOf(
  services: Data & Deciding & Pick<Ambient, 'clock'>,
  decided: Decided,
  asked: { readonly plan: Plan; readonly currents: ReadonlyMap<Step, StoredVersion> },
): Promise<ReadonlyMap<Step, Accepted | undefined>> {
  const { plan, currents } = asked;
  const versions = versionsAfter(plan.steps, currents);
  const links = { ...plan.links, versions };
  const contents = new Map<Step, Accepted | undefined>();
  const breathe = breather(services.clock);
  const patches = plan.steps.filter(({ action }) => action === 'patch');
  await decideChanges(
    services,
    decided,
    patches.flatMap((step) => {
      const current = currents.get(step);
      return current === undefined ? [] : [toPatch({ type: step.type }, current)];
    }),
  );
  for (const step of plan.steps.toSorted((a, b) => rank(a) - rank(b))) {
    await atEntryOf(step.entry, async () => {
      if (step.action !== 'patch') {
        contents.set(step, acceptEntry(services, step, links));
        return;
      }
      const current = currents.get(step);
      const accepted = await patchEntry(services, decided, { step, current, links });
      contents.set(step, accepted);
      versions.set(keyOf(step), (current?.version ?? 0) + (accepted === undefined ? 0 : 1));
    });
    await breathe();
  }
  return contents;
}

function rank({ action }: Step): number {
  return action === 'patch' ? 0 : 1;
}

/** Versions that the steps make, as far as they are known before patches are applied. */
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

async function patchEntry(
  services: Data & Deciding,
  decided: Decided,
  asked: {
    readonly step: Step;
    readonly current: StoredVersion | undefined;
    readonly links: Links;
  },
): Promise<Accepted | undefined> {
  const { step, current, links } = asked;
  const { entry, type, id } = step;
  const text = rewriteLinks(entry.resource, entry.fullUrl, { links, r4: services.r4 });
  const { mediaType, body } = patchIn(text);
  const change = services.r4.readPatch(mediaType, body);
  const which = { type, id, preconditions: entry.preconditions };
  return patched(services, await changeable(services, decided, which, current), change);
}

function acceptEntry(services: Pick<Data, 'r4'>, step: Step, links: Links): Accepted | undefined {
  const { entry, type, id, action } = step;
  if (entry.method === 'DELETE') return undefined;
  const text = rewriteLinks(entry.resource, entry.fullUrl, { links, r4: services.r4 });
  const accepted = accept(services.r4, type, text);
  if (action === 'update' && entry.target.id !== undefined) assertId(accepted, id);
  return accepted;
}
