import type { Principal } from '../../auth/principal.ts';
import { foreseeWithContexts } from '../../access/foresee.ts';
import type { Data, Foreseeing } from '../../access/groups.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { HistoryParameters } from './history-parameters.ts';

type Instance = Pick<HistoryParameters, 'since' | 'at' | 'count'> & {
  readonly current: StoredVersion;
  /** Only versions below this one. */
  readonly before?: number | undefined;
};

/** Says up to how many versions of a resource are counted. */
const MOST_COUNTED = 1_000;
const PORTION = 100;

/**
 * Returns up to one more than a page of the versions of a resource that lie in the time asked for and will most likely be
 * seen, newest first: neither a page nor a link tells of others.
 */
export async function seenVersions(
  services: Foreseeing,
  principal: Principal,
  asked: Instance,
): Promise<readonly StoredVersion[]> {
  const most = asked.count + 1;
  const visibleOf = async (versions: readonly StoredVersion[]) => {
    const isVisible = await foreseeWithContexts(services, principal, { permission: 'r', versions });
    return versions.filter((version) => isVisible(version));
  };
  // If this one is hidden, all of them are: a long history takes no longer than none.
  if ((await visibleOf([asked.current])).length === 0) return [];
  const found: StoredVersion[] = [];
  for await (const versions of portions(services, asked, Math.min(most, PORTION))) {
    found.push(...(await visibleOf(versions)));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

/** Returns how many versions will be seen; undefined for part of a history, or one that is too long to count. */
export async function countSeen(
  services: Foreseeing,
  principal: Principal,
  asked: Instance,
): Promise<number | undefined> {
  if (asked.since !== undefined || asked.at !== undefined) return undefined;
  if (asked.current.version > MOST_COUNTED) return undefined;
  const all = { ...asked, before: undefined, count: MOST_COUNTED };
  return (await seenVersions(services, principal, all)).length;
}

async function* portions(
  { store }: Pick<Data, 'store'>,
  asked: Instance,
  count: number,
): AsyncGenerator<readonly StoredVersion[]> {
  const { since = -Infinity, at = { from: -Infinity, to: Infinity } } = asked;
  const { type, id } = asked.current;
  let { before } = asked;
  // A version is current until the next one is written.
  let until =
    before === undefined
      ? Infinity
      : ((await store.versions.version(type, id, before))?.lastUpdated ?? Infinity);
  for (;;) {
    const page = await store.versions.history(type, id, {
      count,
      ...(before === undefined ? {} : { before }),
    });
    const found: StoredVersion[] = [];
    let isOver = page.length < count;
    for (const version of page) {
      const { lastUpdated } = version;
      isOver ||= lastUpdated < since || until <= at.from;
      if (lastUpdated < since || until <= at.from) break;
      if (lastUpdated < at.to) found.push(version);
      until = lastUpdated;
      before = version.version;
    }
    yield found;
    if (isOver) return;
  }
}
