/**
 * Says where in the log of versions an instant lies. Versions stand in the log in the order of their commits, and
 * their instants only nearly so: writes overtake one another, and clocks are set. So every so many versions a
 * milestone tells what the instants before and behind it are like.
 */
export interface Milestone {
  /** Place in the log of the version that it follows. */
  readonly place: number;
  /** The latest instant up to there, in ms since the epoch. */
  readonly reach: number;
  /** The earliest instant of what follows; `nothing` while nothing does. */
  readonly floor: number;
}

/** Later than every instant. */
export const nothingFollows = Number.MAX_SAFE_INTEGER;

/** The end of the log, as far as the next milestones depend on it. */
export interface LogEnd {
  /** Place of the newest milestone, and its floor. */
  readonly milestone: number;
  readonly floor: number;
  /** The latest instant of all. */
  readonly reach: number;
}

export const emptyLog: LogEnd = { milestone: 0, floor: nothingFollows, reach: -nothingFollows };

/** Versions from one milestone to the next. */
const apart = 128;

export interface Extension {
  readonly end: LogEnd;
  readonly added: readonly Milestone[];
  /** Given: milestones made before whose floor is higher now have this one. */
  readonly lowered?: number;
}

/** Returns what becomes of the milestones when the log grows by these, in its order. */
export function extendLog(
  end: LogEnd,
  versions: readonly { readonly place: number; readonly lastUpdated: number }[],
): Extension {
  let { milestone, floor, reach } = end;
  const added: { place: number; reach: number; floor: number }[] = [];
  let lowest = nothingFollows;
  for (const { place, lastUpdated } of versions) {
    reach = Math.max(reach, lastUpdated);
    lowest = Math.min(lowest, lastUpdated);
    floor = Math.min(floor, lastUpdated);
    const newest = added.at(-1);
    if (newest) newest.floor = floor;
    if (place - milestone < apart) continue;
    added.push({ place, reach, floor: nothingFollows });
    milestone = place;
    floor = nothingFollows;
  }
  let behind = nothingFollows;
  for (const each of added.toReversed()) behind = each.floor = Math.min(each.floor, behind);
  const lowered = lowest < end.floor ? { lowered: lowest } : {};
  return { end: { milestone, floor, reach }, added, ...lowered };
}
