// XML 1.0, production [2] Char: these and halves of surrogate pairs are none.
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const HALF = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** The first of a text that XML 1.0 cannot carry, in any spelling, as `U+FFFE`; undefined when there is none. */
export function unwritable(text: string): string | undefined {
  const found =
    NO_CHARACTER.exec(text) ?? (text.isWellFormed() ? undefined : (HALF.exec(text) ?? undefined));
  if (found === undefined) return undefined;
  const unit = found[0].charCodeAt(0);
  return `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The same text with U+FFFD for each of them. */
export function writable(text: string): string {
  return text.toWellFormed().replaceAll(new RegExp(NO_CHARACTER, 'g'), '\uFFFD');
}
