import { foldString } from '../fold.ts';
import type { IndexEntry } from '../query.ts';

/** More than any of R4's own definitions has, the longest of which are code systems of 2 MB. */
const MOST_WORDS = 250_000;
/** Not written for anybody to read. */
const UNREAD = new Set([
  ...['resourceType', 'data', 'div', 'fhir_comments'],
  // These are of the version, not of what is in it; the index is made before they are known.
  ...['versionId', 'lastUpdated'],
]);

/** Words as `_text` and `_content` compare them: letters and digits, without case and accents, between blanks. */
export function wordsOf(text: string): readonly string[] {
  return foldString(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/**
 * The words of a resource, in their order: `_text` those of the narrative, `_content` all that stand in it.
 * https://hl7.org/fhir/R4/search.html#content
 */
export function textEntries(resource: object): IndexEntry[] {
  const narrative: string[] = [];
  const content: string[] = [];
  gather(resource, content, narrative);
  const { text } = resource as { readonly text?: { readonly div?: unknown } };
  const own = typeof text?.div === 'string' ? words([plain(text.div)]) : '';
  const all = words([...narrative.map(plain), ...content]);
  return [
    ...(own === '' ? [] : [{ kind: 'text', param: '_text', words: own } as const]),
    ...(all === '' ? [] : [{ kind: 'text', param: '_content', words: all } as const]),
  ];
}

function gather(value: unknown, content: string[], narrative: string[]): void {
  if (typeof value === 'string') content.push(value);
  else if (typeof value === 'number') content.push(String(value));
  else if (Array.isArray(value)) for (const each of value) gather(each, content, narrative);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      if (key === 'div' && typeof each === 'string') narrative.push(each);
      if (!UNREAD.has(key)) gather(each, content, narrative);
    }
  }
}

/** Stands between values, so that no phrase runs over their ends: nobody can search for it. */
export const betweenValues = '\u{E000}';

function words(values: readonly string[]): string {
  const found: string[] = [];
  for (const value of values) {
    const own = wordsOf(value);
    if (found.length + own.length > MOST_WORDS) break;
    if (own.length > 0) found.push(...(found.length > 0 ? [betweenValues] : []), ...own);
  }
  return found.join(' ');
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Text of XHTML: elements end words only where they end lines. */
function plain(div: string): string {
  return div
    .replaceAll(/<!--[^]*?-->/g, ' ')
    .replaceAll(/<\/?(?:b|i|em|strong|span|a|sub|sup|small|big|tt|code)(?:\s[^<>]*)?>/gi, '')
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,8});/gi, (_, name: string) => entity(name));
}

function entity(name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name] ?? ' ';
  const point =
    name[1]?.toLowerCase() === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
    ? String.fromCodePoint(point)
    : ' ';
}
