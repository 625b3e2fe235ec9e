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

function link(typeUrl: string, pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return typeUrl;
  const encode = (text: string): string =>
    encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':');
  return `${typeUrl}?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}
