import { text } from './official.ts';
import type { Json } from './official.ts';

/** An element with what it stands in. */
export interface Place {
  readonly data: unknown;
  readonly path: string | null;
  readonly parentResNode: Place | null;
}

/** What R4's pages say of codes without a binding: the element that tells their system, and in which member. */
const TOLD = new Map([
  ['CodeSystem.concept.code', ['CodeSystem', 'url']],
  ['ValueSet.compose.include.concept.code', ['ValueSet.compose.include', 'system']],
  ['ValueSet.expansion.contains.code', ['ValueSet.expansion.contains', 'system']],
  ['ConceptMap.group.element.code', ['ConceptMap.group', 'source']],
  ['ConceptMap.group.element.target.code', ['ConceptMap.group', 'target']],
]);

/** The system of a code that another element around it tells. */
export function neighbouringSystem(definition: string, place: Place): string | undefined {
  const [holder, member = ''] = TOLD.get(definition) ?? [];
  if (holder === undefined) return undefined;
  let at: Place | null = place;
  while (at !== null && at.path !== holder) at = at.parentResNode;
  return text((at?.data as Json | undefined)?.[member]);
}
