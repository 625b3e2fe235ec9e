import { bad } from '../refusals.ts';

/** Splits at unescaped commas; escapes stay, since `|` and `$` are read later. */
export function splitOr(text: string): string[] {
  return splitAt(text, ',');
}

/** Splits at an unescaped separator; escapes stay. */
export function splitAt(text: string, separator: string): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** R4 search.html#escaping calls any other backslash illegal. @throws FhirError `invalid` */
export function assertEscapes(code: string, text: string): void {
  if (/^(?:[^\\]|\\[,|$\\])*$/s.test(text)) return;
  throw bad(code, 'a backslash stands before , | $ or another backslash');
}

/** Removes the escapes of R4 search.html#escaping: `\,` `\|` `\$` `\\`. Other backslashes stand for themselves. */
export function unescapeValue(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text;
}
