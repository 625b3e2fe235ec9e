/** A name and, after `=`, a token or a quoted text. */
const PREFERENCE = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/g;

/**
 * The preferences of a `Prefer` header by their names in lower case (RFC 7240): the first of a name counts. What others
 * write after a semicolon is taken for a preference, too.
 *
 * @rule Prefer: return, Prefer: handling
 */
export function preferences(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, token] of header.matchAll(PREFERENCE)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted ?? token ?? '');
  }
  return found;
}
