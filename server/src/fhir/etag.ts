/** Version number as a weak entity tag: `W/"3"` (R4 http.html#versioning). */
export function formatEtag(version: number): string {
  return `W/"${version}"`;
}

/** Holds what `If-Match` and `If-None-Match` name: `*`, or what stands between the quotes of each entity tag. */
export type EntityTags = '*' | readonly string[];

/** An entity tag, weak or strong, with what may separate it from the next one: RFC 9110, sections 8.8.3 and 5.6.1. */
const TAG = /[\t ,]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*(?:,[\t ,]*|$)/y;

/**
 * @returns undefined for any text that is neither `*` nor a list of entity tags with at least one in it
 *
 * @rule ETag
 */
export function parseTags(text: string): EntityTags | undefined {
  if (text.trim() === '*') return '*';
  const tags: string[] = [];
  for (let at = 0; at < text.length; at = TAG.lastIndex) {
    TAG.lastIndex = at;
    const tag = TAG.exec(text)?.[1];
    if (tag === undefined) return undefined;
    tags.push(tag);
  }
  return tags.length === 0 ? undefined : tags;
}

/** Compared weakly, as R4 wants it of `If-Match` too: tags are told apart by what stands between the quotes alone. */
export function namesVersion(tags: EntityTags, version: number): boolean {
  return tags === '*' || tags.includes(String(version));
}
