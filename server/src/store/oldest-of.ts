import type { VersionName } from './version-store.ts';

/** Names each resource once, with the oldest of its versions that are named. */
export function oldestOf(named: readonly VersionName[]): readonly VersionName[] {
  const oldest = new Map<string, VersionName>();
  for (const each of named) {
    const key = `${each.type}/${each.id}`;
    const known = oldest.get(key);
    if (known === undefined || known.version > each.version) oldest.set(key, each);
  }
  return [...oldest.values()];
}
