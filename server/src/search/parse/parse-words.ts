import { wordsOf } from '../indexing/index-text.ts';
import type { Filter } from '../query.ts';
import { bad } from '../refusals.ts';

const MOST_WORDS = 64;
const DEEPEST = 16;
const PART = /[ \t\r\n]*(?:([()])|"([^"]*)"|([^ \t\r\n()"]+))/y;

/**
 * `_text` and `_content`: words, "phrases", AND, OR, NOT and parentheses; words beside one another must all be there, and AND
 * binds closer than OR. https://hl7.org/fhir/R4/search.html#content leaves the form to the server.
 *
 * @throws FhirError naming the parameter
 * @rule _text, _content
 */
export function wordsFilter(param: '_text' | '_content', value: string): Filter {
  const parts = partsOf(param, value);
  let at = 0;
  const peek = (): string | undefined => parts[at]?.operator;
  const take = (): void => {
    at += 1;
  };

  const either = (depth: number): Filter => {
    if (depth > DEEPEST) throw bad(param, 'it is nested too deep');
    const any = [both(depth)];
    while (peek() === 'or') {
      take();
      any.push(both(depth));
    }
    return any.length === 1 && any[0] ? any[0] : { op: 'or', any };
  };
  const both = (depth: number): Filter => {
    const all = [one(depth)];
    while (at < parts.length && peek() !== 'or' && peek() !== ')') {
      if (peek() === 'and') take();
      all.push(one(depth));
    }
    return all.length === 1 && all[0] ? all[0] : { op: 'and', all };
  };
  const one = (depth: number): Filter => {
    const part = parts[at];
    if (part === undefined) throw bad(param, 'a word is expected at the end');
    take();
    if (part.operator === 'not') return { op: 'not', filter: one(depth + 1) };
    if (part.operator === '(') {
      const inner = either(depth + 1);
      if (peek() !== ')') throw bad(param, ') is expected');
      take();
      return inner;
    }
    if (part.operator !== undefined) throw bad(param, `a word is expected, not ${part.operator}`);
    return { op: 'text', param, words: part.words };
  };

  const found = either(0);
  if (at < parts.length) throw bad(param, 'there is a ) too many');
  return found;
}

interface Part {
  readonly operator: string | undefined;
  readonly words: string;
}

function partsOf(param: string, value: string): readonly Part[] {
  const parts: Part[] = [];
  let count = 0;
  PART.lastIndex = 0;
  for (let found = PART.exec(value); found; found = PART.exec(value)) {
    const [, symbol, phrase, word] = found;
    const keyword = word?.toLowerCase();
    if (symbol !== undefined) parts.push({ operator: symbol, words: '' });
    else if (keyword === 'and' || keyword === 'or' || keyword === 'not')
      parts.push({ operator: keyword, words: '' });
    else {
      // A word that is written as one may be many: a.b.c.
      const words = wordsOf(phrase ?? word ?? '');
      if (words.length === 0) throw bad(param, 'nothing is left to search for');
      count += words.length - 1;
      parts.push({ operator: undefined, words: words.join(' ') });
    }
    if (parts.length + count > MOST_WORDS) throw bad(param, 'there are too many words');
    if (PART.lastIndex >= value.length) return parts;
    const rest = PART.lastIndex;
    if (value.slice(rest).trim() === '') return parts;
  }
  throw bad(param, 'a quotation is not closed');
}
