import { FhirError } from '../../fhir/errors.ts';

/** A `_filter` expression: https://hl7.org/fhir/R4/search_filter.html */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterExpression[] }
  | { readonly kind: 'not'; readonly of: FilterExpression }
  | FilterTest;

export interface FilterTest {
  readonly kind: 'test';
  /** Not empty: the parameters from here on, each with what must hold of where it leads. */
  readonly path: readonly FilterStep[];
  readonly operator: FilterOperator;
  readonly value: string;
}

interface FilterStep {
  readonly name: string;
  readonly filter: FilterExpression | undefined;
}

export const OPERATORS = [
  ...['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'],
  ...['pr', 'po', 'ss', 'sb', 'in', 'ni', 're'],
] as const;
export type FilterOperator = (typeof OPERATORS)[number];

const DEEPEST = 16;
const MOST_TESTS = 64;

const SPACE = /[ \t\r\n]*/y;
const WORD = /[A-Za-z]+(?![\w-])/y;
const NAME = /[A-Za-z_][\w-]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const TOKEN = /[^\s)\]]+/uy;

/**
 * @throws FhirError `invalid` that says where, or `too-costly`
 *
 * @rule _filter
 */
export function parseFilterText(text: string): FilterExpression {
  return new FilterReader(text).whole();
}

class FilterReader {
  readonly #text: string;
  #at = 0;
  #tests = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): FilterExpression {
    const found = this.#expression(0);
    if (this.#at < this.#text.length) throw this.#bad('the end of the expression');
    return found;
  }

  /** R4: from left to right, `and` and `or` alike. */
  #expression(depth: number): FilterExpression {
    if (depth > DEEPEST) throw costly('it is nested too deep');
    let left = this.#operand(depth);
    for (;;) {
      const before = this.#at;
      const word = this.#take(WORD);
      if (word !== 'and' && word !== 'or') {
        this.#at = before;
        return left;
      }
      const right = this.#operand(depth);
      left =
        left.kind === word
          ? { kind: word, of: [...left.of, right] }
          : { kind: word, of: [left, right] };
    }
  }

  #operand(depth: number): FilterExpression {
    if (this.#symbol('(')) return this.#inside(depth, ')');
    const before = this.#at;
    if (this.#take(WORD) === 'not' && this.#symbol('(')) {
      return { kind: 'not', of: this.#inside(depth, ')') };
    }
    this.#at = before;
    return this.#test(depth);
  }

  #inside(depth: number, end: string): FilterExpression {
    const found = this.#expression(depth + 1);
    if (!this.#symbol(end)) throw this.#bad(end);
    return found;
  }

  #test(depth: number): FilterTest {
    this.#tests += 1;
    if (this.#tests > MOST_TESTS) throw costly('there are too many criteria');
    const path = [];
    do {
      const name = this.#take(NAME);
      if (name === undefined) throw this.#bad('the name of a search parameter');
      path.push({ name, filter: this.#symbol('[') ? this.#inside(depth, ']') : undefined });
    } while (this.#symbol('.'));
    if (path.at(-1)?.filter !== undefined) throw this.#bad('. and a parameter after a ]');
    const operator = OPERATORS.find((each) => each === this.#peek(WORD));
    if (operator === undefined) throw this.#bad(`one of ${OPERATORS.join(', ')}`);
    this.#take(WORD);
    return { kind: 'test', path, operator, value: this.#value() };
  }

  #value(): string {
    const string = this.#take(STRING);
    if (string !== undefined) return JSON.parse(string) as string;
    const token = this.#peek(TOKEN);
    if (token === undefined || token.startsWith('"')) throw this.#bad('a value');
    this.#take(TOKEN);
    return token;
  }

  #symbol(symbol: string): boolean {
    this.#space();
    if (!this.#text.startsWith(symbol, this.#at)) return false;
    this.#at += symbol.length;
    return true;
  }

  #peek(pattern: RegExp): string | undefined {
    const before = this.#at;
    const found = this.#take(pattern);
    this.#at = before;
    return found;
  }

  #take(pattern: RegExp): string | undefined {
    this.#space();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #bad(expected: string): FhirError {
    return badFilter(`at character ${this.#at + 1}, ${expected} is expected`);
  }
}

export function badFilter(what: string): FhirError {
  return new FhirError('invalid', `Search parameter _filter: ${what}`, {
    expression: 'http._filter',
  });
}

function costly(what: string): FhirError {
  return new FhirError('too-costly', `Search parameter _filter: ${what}`, {
    expression: 'http._filter',
  });
}
