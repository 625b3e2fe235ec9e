import { JsonCursor } from './json-cursor.ts';

const INDENT = '  ';

/** The same JSON with line breaks and indents; its strings and numbers as they are written. */
export function prettyJson(text: string): string {
  const cursor = new JsonCursor(text);
  const parts: string[] = [];
  let depth = 0;
  let opened = false;
  const lineBreak = (): string => `\n${INDENT.repeat(depth)}`;
  for (;;) {
    const token = cursor.next();
    if (token === 'end') return parts.join('');
    const closes = token === '}' || token === ']';
    if (closes) depth -= 1;
    if (opened !== closes) parts.push(lineBreak());
    opened = token === '{' || token === '[';
    if (opened) depth += 1;
    parts.push(cursor.lexeme);
    if (token === ',') parts.push(lineBreak());
    if (token === ':') parts.push(' ');
  }
}
