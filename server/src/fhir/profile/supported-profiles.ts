import type { StructureDefinition } from 'fhir/r4.js';
import type { Packages } from '../packages/packages.ts';
import type { Profiles } from './profiles.ts';

/** The profiles on each resource type that loaded packages bring, sorted; those that make no sense are left out. */
export function supportedProfiles(
  packages: Pick<Packages, 'all'>,
  profiles: Pick<Profiles, 'fault'>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const entry of packages.all('StructureDefinition')) {
    const { kind, derivation, type, url } = entry.read() as unknown as StructureDefinition;
    if (kind !== 'resource' || derivation !== 'constraint') continue;
    if (profiles.fault(url) !== undefined) continue;
    found.set(type, [...new Set([...(found.get(type) ?? []), url])].sort());
  }
  return found;
}
