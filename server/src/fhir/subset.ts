import { scanJson, type JsonMember, type ScannedJson } from '@chartseal/evidence';
import { memberNames, type Definitions, type ElementDefinition } from './definitions.ts';

/** Says which parts of the resources are wanted: https://hl7.org/fhir/R4/search.html#summary */
export type Shape =
  | { readonly kind: 'summary'; readonly mode: 'true' | 'text' | 'data' }
  /** Top-level elements of the type searched: `value` for `value[x]`, or `valueQuantity` for that one of the choice. */
  | { readonly kind: 'elements'; readonly names: readonly string[] };

const SUBSETTED =
  '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}';

/** Kept whatever is asked for: without them a resource cannot be identified or read safely. */
const ALWAYS = new Set(['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension']);

/**
 * The wanted top-level members of a resource in its own text, each exactly as it stands there, tagged as incomplete
 * (R4 search.html#summary and #elements). Mandatory and modifier elements stay in any case.
 *
 * @param body a resource that was stored by this server
 * @rule _summary, _elements
 */
export function subset(
  definitions: Definitions,
  type: string,
  body: Uint8Array,
  shape: Shape,
): Uint8Array {
  const scanned = scanJson(body);
  const wanted = wantedMembers(definitions.types.get(type)?.elements ?? [], shape);
  const kept = scanned.members.filter(({ name }) => wanted(name));
  const parts = kept.map((member) =>
    member.name === 'meta' ? tagged(scanned, member) : textOf(scanned, member),
  );
  if (!kept.some(({ name }) => name === 'meta')) parts.push(`"meta":{"tag":[${SUBSETTED}]}`);
  return Buffer.from(`{${parts.join(',')}}`, 'utf8');
}

function wantedMembers(
  elements: readonly ElementDefinition[],
  shape: Shape,
): (member: string) => boolean {
  const names = new Set(ALWAYS);
  for (const element of elements) {
    const whole = element.min > 0 || element.modifier || isAsked(element, shape);
    for (const name of memberNames(element)) {
      // One of a choice may be asked for by its own name.
      if (whole || (shape.kind === 'elements' && shape.names.includes(name))) names.add(name);
    }
  }
  // `_birthDate` goes with `birthDate`.
  return (member) => names.has(member.startsWith('_') ? member.slice(1) : member);
}

function isAsked(element: ElementDefinition, shape: Shape): boolean {
  if (shape.kind === 'elements') return shape.names.includes(element.name);
  switch (shape.mode) {
    case 'true':
      return element.summary === true;
    case 'text':
      return element.name === 'text';
    case 'data':
      return element.name !== 'text';
  }
}

function textOf({ text }: ScannedJson, { nameStart, valueEnd }: JsonMember): string {
  return text.slice(nameStart, valueEnd);
}

/** `meta` with the tag added before those it has. */
function tagged(scanned: ScannedJson, meta: JsonMember): string {
  const { text, metaMembers } = scanned;
  const tag = metaMembers?.find(({ name }) => name === 'tag');
  const insert = (at: number, added: string, isEmpty: boolean): string =>
    text.slice(meta.nameStart, at) + added + (isEmpty ? '' : ',') + text.slice(at, meta.valueEnd);
  if (tag !== undefined && text[tag.valueStart] === '[') {
    const list = text.slice(tag.valueStart + 1, tag.valueEnd - 1);
    return insert(tag.valueStart + 1, SUBSETTED, list.trim() === '');
  }
  return insert(meta.valueStart + 1, `"tag":[${SUBSETTED}]`, (metaMembers?.length ?? 0) === 0);
}
