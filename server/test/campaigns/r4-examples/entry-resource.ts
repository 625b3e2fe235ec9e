import { tokens } from '@chartseal/conformance/lexical-json';

/** The text of the resource in the first entry of a Bundle, token by token as it stands there. */
export function entryResource(bundle: string): string | undefined {
  const all = tokens(bundle);
  let depth = 0;
  let start: number | undefined;
  for (const [index, token] of all.entries()) {
    if (token === '}' || token === ']') depth -= 1;
    if (start !== undefined && depth === 3 && index > start) {
      return all.slice(start, index + 1).join(' ');
    }
    if (depth === 3 && token === '"resource"' && all[index + 1] === ':') start = index + 2;
    if (token === '{' || token === '[') depth += 1;
  }
  return undefined;
}
