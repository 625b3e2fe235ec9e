/** The URL of the search as it was really evaluated (R4 search.html#conformance). */
export function selfLink(
  typeUrl: string,
  used: readonly (readonly [name: string, value: string])[],
): string {
  return link(typeUrl, used);
}

/** The URL of another page. */
export function pageLink(
  typeUrl: string,
  used: readonly (readonly [name: string, value: string])[],
  cursor: string,
): string {
  return link(typeUrl, [...used, ['_cursor', cursor]]);
}

/**
 * Characters of parameters in a link. With a page's cursor, an access token and the other headers it has to fit into the
 * 64 KiB that a request line and its headers may have.
 */
export const LONGEST_QUERY = 49_152;

/** Tells how long a parameter is in a link, `&` included; at least `LONGEST_QUERY` when it is longer than that anyway. */
export function lengthInLink([name, value]: readonly [name: string, value: string]): number {
  if (name.length + value.length >= LONGEST_QUERY) return name.length + value.length;
  return encode(name.toWellFormed()).length + encode(value.toWellFormed()).length + 2;
}

function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2C', ',')
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':');
}

function link(typeUrl: string, pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return typeUrl;
  return `${typeUrl}?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}
