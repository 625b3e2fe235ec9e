import { FhirPathFault } from './fault.ts';
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

/** A parsed expression. */
export type Tree =
  | { readonly kind: 'empty' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string' | 'number' | 'date' | 'time'; readonly text: string }
  | { readonly kind: 'quantity'; readonly text: string; readonly unit: string }
  | { readonly kind: 'variable'; readonly name: string }
  /** `$this`, `$index`, `$total`. */
  | { readonly kind: 'special'; readonly name: string }
  /** A child of `of`; of the input when that is absent. */
  | { readonly kind: 'member'; readonly of?: Tree; readonly name: string }
  | {
      readonly kind: 'call';
      readonly of?: Tree;
      readonly name: string;
      readonly parameters: readonly Tree[];
    }
  | { readonly kind: 'index'; readonly of: Tree; readonly index: Tree }
  | { readonly kind: 'sign'; readonly sign: '+' | '-'; readonly of: Tree }
  | { readonly kind: 'is' | 'as'; readonly of: Tree; readonly type: string }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Tree;
      readonly right: Tree;
    };

/** Says how tightly operators bind: http://hl7.org/fhirpath/N1/index.html#operator-precedence */
const BINDING: Readonly<Record<string, number>> = {
  ...{ implies: 1, or: 2, xor: 2, and: 3, in: 4, contains: 4 },
  ...{ '=': 5, '~': 5, '!=': 5, '!~': 5, '<': 6, '>': 6, '<=': 6, '>=': 6, '|': 7, is: 8, as: 8 },
  ...{ '+': 9, '-': 9, '&': 9, '*': 10, '/': 10, div: 10, mod: 10 },
};
const SIGN = 11;
const CALENDAR = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/;
const DEEPEST = 200;

/** @throws FhirPathFault */
export function parse(expression: string): Tree {
  const parser = new Parser(tokensOf(expression));
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Tree {
    const tree = this.#expression(0);
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return tree;
  }

  #expression(least: number): Tree {
    if (++this.#depth > DEEPEST) throw new FhirPathFault('The expression is nested too deeply');
    let left = this.#signed();
    for (;;) {
      const operator = this.#peek();
      const binding = isOperator(operator) ? BINDING[operator.text] : undefined;
      if (operator === undefined || binding === undefined || binding <= least) break;
      this.#at++;
      const { text } = operator;
      left =
        text === 'is' || text === 'as'
          ? { kind: text, of: left, type: this.#type() }
          : { kind: 'binary', operator: text, left, right: this.#expression(binding) };
    }
    this.#depth--;
    return left;
  }

  #signed(): Tree {
    const sign = this.#peek();
    if (sign?.kind === 'symbol' && (sign.text === '-' || sign.text === '+')) {
      this.#at++;
      return { kind: 'sign', sign: sign.text, of: this.#expression(SIGN) };
    }
    return this.#steps(this.#term());
  }

  #steps(start: Tree): Tree {
    let tree = start;
    for (;;) {
      if (this.#skips('.')) tree = this.#invocation(tree);
      else if (this.#skips('[')) {
        tree = { kind: 'index', of: tree, index: this.#expression(0) };
        this.#expect(']');
      } else return tree;
    }
  }

  #term(): Tree {
    const token = this.#peek();
    if (token === undefined) throw new FhirPathFault('The expression ends too early');
    switch (token.kind) {
      case 'string':
      case 'date':
      case 'time':
        this.#at++;
        return { kind: token.kind, text: token.text };
      case 'number':
        this.#at++;
        return this.#number(token.text);
      case 'variable':
        this.#at++;
        return { kind: 'variable', name: token.text };
      case 'name':
      case 'quoted':
        return this.#invocation(undefined);
      case 'symbol':
        return this.#grouped();
    }
  }

  #grouped(): Tree {
    if (this.#skips('(')) {
      const tree = this.#expression(0);
      this.#expect(')');
      return tree;
    }
    if (!this.#skips('{')) throw this.#unexpected();
    this.#expect('}');
    return { kind: 'empty' };
  }

  #number(text: string): Tree {
    const unit = this.#peek();
    if (unit?.kind === 'string' || (unit?.kind === 'name' && CALENDAR.test(unit.text))) {
      this.#at++;
      return { kind: 'quantity', text, unit: unit.text };
    }
    return { kind: 'number', text };
  }

  #invocation(of: Tree | undefined): Tree {
    const token = this.#peek();
    if (token?.kind !== 'name' && token?.kind !== 'quoted') throw this.#unexpected();
    this.#at++;
    const { text: name } = token;
    const from = of === undefined ? {} : { of };
    if (token.kind === 'name') {
      if (of === undefined && (name === 'true' || name === 'false')) {
        return { kind: 'boolean', value: name === 'true' };
      }
      if (name.startsWith('$')) return { kind: 'special', name };
      if (this.#skips('(')) return { kind: 'call', name, parameters: this.#parameters(), ...from };
    }
    return { kind: 'member', name, ...from };
  }

  #parameters(): readonly Tree[] {
    const parameters: Tree[] = [];
    if (this.#skips(')')) return parameters;
    do parameters.push(this.#expression(0));
    while (this.#skips(','));
    this.#expect(')');
    return parameters;
  }

  /** `Patient`, `FHIR.Patient`, `System.String`. */
  #type(): string {
    const names: string[] = [];
    do {
      const token = this.#peek();
      if (token?.kind !== 'name' && token?.kind !== 'quoted') throw this.#unexpected();
      names.push(token.text);
      this.#at++;
    } while (this.#skips('.'));
    return names.join('.');
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #skips(symbol: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'symbol' || token.text !== symbol) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#skips(symbol)) throw this.#unexpected();
  }

  #unexpected(): FhirPathFault {
    const token = this.#peek();
    return new FhirPathFault(
      token === undefined
        ? 'The expression ends too early'
        : `No FHIRPath at character ${token.at + 1}`,
    );
  }
}

function isOperator(token: Token | undefined): token is Token {
  return token?.kind === 'symbol' || token?.kind === 'name';
}

/** The type that a type specifier inside of parentheses names: `ofType(FHIR.Patient)`. @throws FhirPathFault */
export function typeNamed(tree: Tree | undefined): string {
  if (tree?.kind === 'member') {
    return tree.of === undefined ? tree.name : `${typeNamed(tree.of)}.${tree.name}`;
  }
  throw new FhirPathFault('A type is expected');
}
