import type { StoredVersion } from '../store/version-store.ts';

/** Holds what goes along with the matches of a search (`_include`, `_revinclude`). */
export interface Included {
  readonly versions: readonly StoredVersion[];
  /** Says why each is there: resource → the resources whose inclusion is owed to it. Keys are `Type/id`. */
  readonly leadsTo: ReadonlyMap<string, ReadonlySet<string>>;
}

export function keyOf({ type, id }: Pick<StoredVersion, 'type' | 'id'>): string {
  return `${type}/${id}`;
}

/**
 * Returns what of the included can be reached from the matches shown through resources that are shown: anything else
 * would tell that something hidden leads there.
 *
 * @param allowed what of the included may be seen
 */
export function reachable(
  matches: readonly StoredVersion[],
  allowed: readonly StoredVersion[],
  leadsTo: Included['leadsTo'],
): readonly StoredVersion[] {
  const visible = new Map(allowed.map((version) => [keyOf(version), version]));
  const reached = new Set<string>();
  const pending = matches.map(keyOf);
  for (let from = pending.pop(); from !== undefined; from = pending.pop()) {
    for (const to of leadsTo.get(from) ?? []) {
      if (reached.has(to) || !visible.has(to)) continue;
      reached.add(to);
      pending.push(to);
    }
  }
  return allowed.filter((version) => reached.has(keyOf(version)));
}
