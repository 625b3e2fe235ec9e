/**
 * Compares JSON texts token by token, as they were written: `1.00` differs from `1.0` and `"\u0041"` from `"A"`.
 * White space between tokens does not count. Independent of the project's own JSON code on purpose.
 */

const token = /[\s]*([{}[\]:,]|"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+)/y;

export function tokens(text: string): readonly string[] {
  const found: string[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match?.[1] === undefined) throw new Error(`not JSON at character ${at}`);
    found.push(match[1]);
  }
  return found;
}

/** Tokens of a resource without its top-level members `id` and `meta`, which the server sets. */
function resourceTokens(text: string): readonly string[] {
  const all = tokens(text);
  const members: string[][] = [];
  let depth = 0;
  let member: string[] = [];
  for (const each of all) {
    if (each === '}' || each === ']') depth -= 1;
    if (depth === 0 || (depth === 1 && each === ',')) {
      if (member.length > 0) members.push(member);
      member = [];
    } else member.push(each);
    if (each === '{' || each === '[') depth += 1;
  }
  return members.filter(([name]) => name !== '"id"' && name !== '"meta"').flat();
}

/** The first difference between two resources outside `id` and `meta`, or undefined. */
export function lexicalDifference(sent: string, received: string): string | undefined {
  const a = resourceTokens(sent);
  const b = resourceTokens(received);
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    if (a[i] !== b[i]) {
      const context = a.slice(Math.max(0, i - 6), i).join(' ');
      return `token ${i}, after ${context}: sent ${a[i] ?? 'nothing'}, received ${b[i] ?? 'nothing'}`;
    }
  }
  return undefined;
}
