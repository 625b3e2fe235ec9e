import { FhirPathFault } from './fault.ts';

export interface Token {
  readonly kind: 'name' | 'quoted' | 'string' | 'number' | 'date' | 'time' | 'variable' | 'symbol';
  /** Without quotation marks, `@` and `%`, escapes resolved. */
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<variable>%(?:[A-Za-z_][\w-]*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'))|(?<special>\$[a-z]+)|(?<name>[A-Za-z_]\w*)|(?<quoted>`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")|(?<string>'(?:[^'\\]|\\.)*')|(?<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)|(?<date>@\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)|(?<number>\d+(?:\.\d+)?)|(?<symbol><=|>=|!=|!~|[-+*/|&<>=~.,()[\]{}])/y;
const ESCAPES: Readonly<Record<string, string>> = { f: '\f', n: '\n', r: '\r', t: '\t' };

/** http://hl7.org/fhirpath/N1/index.html#lexical-elements @throws FhirPathFault */
export function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    if (match === null) throw new FhirPathFault(`No FHIRPath at character ${at + 1}`);
    const token = tokenOf(match.groups ?? {}, at);
    if (token !== undefined) tokens.push(token);
    else if (match[0] === '/*') throw new FhirPathFault('A comment does not end');
    at = TOKEN.lastIndex;
  }
  return tokens;
}

function tokenOf(
  groups: Readonly<Record<string, string | undefined>>,
  at: number,
): Token | undefined {
  const { variable, special, name, quoted, string, time, date, number, symbol } = groups;
  if (name !== undefined) return { kind: 'name', text: name, at };
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, at };
  if (string !== undefined) return { kind: 'string', text: unescaped(string), at };
  if (number !== undefined) return { kind: 'number', text: number, at };
  if (special !== undefined) return { kind: 'name', text: special, at };
  if (quoted !== undefined) return { kind: 'quoted', text: unescaped(quoted), at };
  if (time !== undefined) return { kind: 'time', text: time.slice(2), at };
  if (date !== undefined) return { kind: 'date', text: date.slice(1), at };
  if (variable === undefined) return undefined;
  const rest = variable.slice(1);
  return { kind: 'variable', text: /^[`']/.test(rest) ? unescaped(rest) : rest, at };
}

function unescaped(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_all, code: string | undefined, one: string) =>
      code === undefined ? (ESCAPES[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16)),
    );
}
