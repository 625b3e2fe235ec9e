import type { Definitions } from '../fhir/definitions.ts';
import type { TypeModels } from '../fhir/type-model.ts';
import { leafTypes, shapesOf } from './indexing/element-path.ts';
import type { ElementPath } from './indexing/element-path.ts';

/**
 * Says where the values of a token parameter have their systems from when the values themselves name none. Without any
 * of these nothing can be found by a system.
 */
export interface CodeSystems {
  /** Systems by code: those of the value sets that the elements are bound to. */
  readonly listed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Systems that such a value set takes whole. */
  readonly whole: ReadonlySet<string>;
  /** Some codes have their system from elsewhere in the resource; these are indexed with it. */
  readonly indexed: boolean;
}

interface Sources {
  readonly definitions: Definitions;
  readonly models: TypeModels;
}

/** Names the system that media types are codes of. */
export const MEDIA_TYPES = 'urn:ietf:bcp:13';

/** Types of tokens that name a system themselves. */
const WITH_SYSTEM = new Set(['Coding', 'CodeableConcept', 'Identifier']);

/** Undefined for a parameter that has values with systems of their own. */
export function impliedSystems(
  sources: Sources,
  base: string,
  paths: readonly ElementPath[],
): CodeSystems | undefined {
  const listed = new Map<string, Set<string>>();
  const whole = new Set<string>();
  let indexed = false;
  for (const path of shapesOf(paths)) {
    const types = leafTypes(path);
    if (types.some((type) => WITH_SYSTEM.has(type))) return undefined;
    indexed ||= path.system !== undefined;
    if (!types.includes('code')) continue;
    const { set, system } = boundTo(sources.models, base, path);
    if (system !== undefined) whole.add(system);
    const systems = set === undefined ? undefined : sources.definitions.valueSets.get(set);
    for (const [named, codes] of systems ?? []) {
      for (const code of codes) listed.set(code, (listed.get(code) ?? new Set()).add(named));
    }
  }
  return { listed, whole, indexed };
}

/** Returns what the element at the end of the path takes its codes from: a value set, or the whole of a system. */
function boundTo(
  models: TypeModels,
  base: string,
  path: ElementPath,
): { readonly set?: string | undefined; readonly system?: string | undefined } {
  let type = base;
  let found: { set?: string | undefined; system?: string | undefined } = {};
  for (const step of path.steps) {
    const property = models.get(type)?.properties.get(step.properties[0]?.name ?? '');
    const element = property?.element;
    found = { set: element?.binding ?? element?.usual, system: element?.system };
    type = property?.type ?? '';
  }
  return found;
}
