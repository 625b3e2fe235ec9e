import type { Answer } from './answer.ts';
import type { Element } from './element.ts';
import { text } from './official.ts';
import type { Json } from './official.ts';
import { folded } from './strings.ts';

/** What `_text` and `_content` search: the words of the narrative, or of the whole resource. */
export function freeText(resource: Json, code: string): readonly Element[] {
  const narrative = text((resource['text'] as Json | undefined)?.['div']);
  const found = code === '_text' ? [narrative] : code === '_content' ? [...strings(resource)] : [];
  const words = found.filter((one) => one !== undefined).flatMap(wordsIn);
  return words.length === 0
    ? []
    : [{ type: 'words', definition: '', base: '', value: ` ${words.join(' ')} ` }];
}

/** The type's name, encoded bytes, and what the server stamps on a version, are no words of the content; numbers are. */
const NO_WORDS = new Set(['resourceType', 'data', 'versionId', 'lastUpdated']);

function* strings(value: unknown): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) if (!NO_WORDS.has(name)) yield* strings(item);
  }
}

/** Words of text or XHTML, as they are compared. */
export function wordsIn(markup: string): string[] {
  const plain = markup.replaceAll(/<[^>]*>|&#?\w+;/g, ' ');
  return folded(plain)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** R4 leaves the language of these searches to the server; of one word it is clear what must be found. */
export function freeTextHolds({ value }: Element, searched: string): Answer {
  const words = wordsIn(searched);
  const found = value as string;
  if (words.length === 1 && found.includes(` ${words[0] ?? ''} `)) return true;
  return words.some((word) => found.includes(word)) ? undefined : false;
}
