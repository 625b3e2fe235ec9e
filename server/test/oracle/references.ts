import type { Answer } from './answer.ts';
import type { Element } from './element.ts';
import { text } from './official.ts';
import type { Json } from './official.ts';
import { placeOf } from './reference-text.ts';

/** The text by which an element of a reference parameter is found. */
export function referenceText({ type, value }: Element): string | undefined {
  if (typeof value === 'string') return value.startsWith('#') ? undefined : value;
  const json = value as Json;
  if (type === 'Reference') {
    const literal = text(json['reference']);
    // What is contained has no place of its own.
    return literal?.startsWith('#') === true ? undefined : literal;
  }
  // A resource inside of another, as in a Bundle.
  const [kind, id] = [text(json['resourceType']), text(json['id'])];
  return kind === undefined || id === undefined ? undefined : `${kind}/${id}`;
}

export function isOurs(reference: string): string | undefined {
  const place = placeOf(reference);
  return place === undefined || place.base !== undefined ? undefined : `${place.type}/${place.id}`;
}

/** https://hl7.org/fhir/R4/search.html#reference; the searched text is an id, a type and id, or a URL. */
export function referenceHolds(
  element: Element,
  searched: string,
  {
    modifier,
    targets,
  }: { readonly modifier: string | undefined; readonly targets: readonly string[] },
): Answer {
  const found = referenceText(element);
  if (found === undefined) return false;
  const ours = isOurs(found);
  const isUrl = element.type === 'canonical' || element.type === 'uri';
  if (isUrl && ours === undefined) return canonicalHolds(found, searched);
  if (!/[/:]/.test(searched))
    return ours !== undefined && idHolds(ours, searched, { modifier, targets });
  const wanted = isOurs(searched);
  return wanted === undefined ? found === searched : ours === wanted;
}

function idHolds(
  ours: string,
  searched: string,
  {
    modifier,
    targets,
  }: { readonly modifier: string | undefined; readonly targets: readonly string[] },
): boolean {
  const [type = '', id] = ours.split('/');
  if (id !== searched) return false;
  return modifier === undefined ? mayBe(type, targets) : type === modifier;
}

function mayBe(type: string, targets: readonly string[]): boolean {
  return targets.length === 0 || targets.includes(type);
}

/** A canonical is also found without its version. */
function canonicalHolds(found: string, searched: string): Answer {
  // Text that could be an id as well is no URL to be sure of.
  if (!/[/:]/.test(searched)) return found.split('|')[0] === searched ? undefined : false;
  if (found === searched) return true;
  return found.split('|')[0] === searched;
}
