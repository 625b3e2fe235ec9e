import type { StructureDefinition } from 'fhir/r4.js';
import type { Definitions } from '../definitions.ts';
import type { Packages } from '../packages/packages.ts';
import type { Terminology } from '../terminology/terminology.ts';
import type { TypeModels } from '../type-model.ts';
import { createInvariants } from '../invariants/invariants.ts';
import type { Holds } from '../invariants/invariants.ts';
import { membershipOf } from './check-binding.ts';
import type { Codes } from './check-binding.ts';
import { compileProfile } from './compile-profile.ts';
import { ProfileFault } from './element-tree.ts';
import type { FindStructure } from './element-tree.ts';
import type { Profile } from './profile-model.ts';

/** The profiles and extensions that are known here, each compiled when it is first needed. */
export interface Profiles {
  /** By canonical URL with or without `|version`; undefined when it is not known or makes no sense. */
  readonly find: (canonical: string) => Profile | undefined;
  /** Says why a profile that is known cannot be used. */
  readonly fault: (canonical: string) => string | undefined;
  /** A StructureDefinition by its canonical URL. */
  readonly structure: FindStructure;
  readonly codes: Codes;
  readonly terminology: Terminology;
  readonly holds: Holds;
  readonly models: TypeModels;
  readonly definitions: Definitions;
}

/** Is where StructureDefinitions come from; the first that has one is believed. */
export type StructureSource = Pick<Packages, 'find'>;

export function createProfiles(
  definitions: Definitions,
  models: TypeModels,
  {
    sources,
    terminology,
  }: { readonly sources: readonly StructureSource[]; readonly terminology: Terminology },
): Profiles {
  const compiled = new Map<string, Profile | string | undefined>();
  const known = keysOf(definitions);
  const codes: Codes = (valueSet, asked) => terminology.contains(valueSet, asked).kind;
  const find = (canonical: string): StructureDefinition | undefined => {
    const [url = '', version] = canonical.split('|');
    for (const source of sources) {
      const entry = source.find('StructureDefinition', url, version);
      if (entry) return entry.read() as unknown as StructureDefinition;
    }
    return undefined;
  };
  const compile = (canonical: string): Profile | string | undefined => {
    const structure = find(canonical);
    if (structure === undefined) return undefined;
    try {
      return compileProfile(structure, { models, find, known });
    } catch (error) {
      if (error instanceof ProfileFault) return error.message;
      throw error;
    }
  };
  const get = (canonical: string): Profile | string | undefined => {
    if (!compiled.has(canonical)) compiled.set(canonical, compile(canonical));
    return compiled.get(canonical);
  };
  return {
    find: (canonical) => {
      const found = get(canonical);
      return typeof found === 'string' ? undefined : found;
    },
    fault: (canonical) => {
      const found = get(canonical);
      return typeof found === 'string' ? found : undefined;
    },
    structure: find,
    codes,
    terminology,
    holds: createInvariants(models, {
      memberOf: (item, valueSet) => {
        const found = membershipOf(item, valueSet, codes);
        return found === 'unknown' || found === undefined ? undefined : found === 'in';
      },
    }),
    models,
    definitions,
  };
}

/** Keys of R4's own invariants. */
function keysOf({ types }: Definitions): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { constraints, elements } of types.values()) {
    for (const { key } of constraints ?? []) keys.add(key);
    for (const element of elements) for (const { key } of element.constraints ?? []) keys.add(key);
  }
  return keys;
}
