import type { Answer } from './answer.ts';

/** https://hl7.org/fhir/R4/search.html#uri */
export function uriHolds(found: string, modifier: string | undefined, searched: string): Answer {
  if (found === searched) return true;
  if (modifier === undefined) return false;
  const [upper, lower] = modifier === 'below' ? [searched, found] : [found, searched];
  if (!lower.startsWith(upper)) {
    // With or without its last slash: the same place.
    return `${lower}/` === upper ? undefined : false;
  }
  if (/^urn:/.test(lower)) return undefined;
  // "Starts with", but is http://a/b above http://a/bc? Segments say no.
  return upper.endsWith('/') || lower[upper.length] === '/' ? true : undefined;
}
