/** Version number as a weak entity tag: `W/"3"` (R4 http.html#versioning). */
export function formatEtag(version: number): string {
  return `W/"${version}"`;
}

/** The version that an entity tag of ours names; undefined for any other text, lists and `*` included. */
export function parseEtag(text: string): number | undefined {
  const version = /^W\/"([1-9]\d{0,8})"$/.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}
