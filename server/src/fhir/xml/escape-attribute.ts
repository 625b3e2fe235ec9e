import { unwritable } from './characters.ts';

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

/**
 * A text as it stands between the quotes of an attribute; white space keeps its kind through XML's normalisation.
 * Undefined when it has characters that XML cannot hold.
 */
export function escapeAttribute(text: string): string | undefined {
  if (unwritable(text) !== undefined) return undefined;
  return text.replace(SPECIAL, (character) => WRITTEN[character] ?? character);
}
