const BACKSLASH = 0x5c;
const INDENT = '  ';

/** The same JSON with line breaks and indents; its strings and numbers as they are written. */
export function prettyJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  const lineBreak = (): string => `\n${INDENT.repeat(depth)}`;
  const next = /[\s"{}[\],:]/g;
  let at = 0;
  const passSpace = (): void => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  while (at < text.length) {
    next.lastIndex = at;
    const found = next.exec(text)?.index ?? text.length;
    parts.push(text.slice(at, found));
    at = found + 1;
    const character = text[found] ?? '';
    switch (character) {
      case '"':
        at = closingQuote(text, found) + 1;
        parts.push(text.slice(found, at));
        break;
      case '{':
      case '[':
        passSpace();
        parts.push(character);
        if (text[at] === '}' || text[at] === ']') {
          parts.push(text[at] ?? '');
          at += 1;
        } else {
          depth += 1;
          parts.push(lineBreak());
        }
        break;
      case '}':
      case ']':
        depth -= 1;
        parts.push(lineBreak(), character);
        break;
      case ',':
        parts.push(character, lineBreak());
        break;
      case ':':
        parts.push(': ');
        break;
      default:
    }
  }
  return parts.join('');
}

function closingQuote(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); ; end = text.indexOf('"', end + 1)) {
    if (end < 0) return text.length;
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((end - escapes) % 2 === 0) return end;
  }
}
