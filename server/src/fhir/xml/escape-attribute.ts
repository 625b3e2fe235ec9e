const SPECIAL = /[&<>"\t\n\r]/g;
const WRITTEN: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
// XML 1.0, production [2] Char.
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * A text as it stands between the quotes of an attribute; white space keeps its kind through XML's normalisation.
 * Undefined when it has characters that XML cannot hold.
 */
export function escapeAttribute(text: string): string | undefined {
  if (NO_CHARACTER.test(text) || !text.isWellFormed()) return undefined;
  return text.replace(SPECIAL, (character) => WRITTEN[character] ?? character);
}
