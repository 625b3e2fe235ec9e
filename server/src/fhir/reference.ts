/** Says what the text of `Reference.reference` points to. */
export type ParsedReference =
  /** A resource of this server. */
  | {
      readonly kind: 'local';
      readonly type: string;
      readonly id: string;
      readonly version?: string;
    }
  | { readonly kind: 'contained'; readonly id: string }
  /** `Patient?identifier=…`, to be resolved by a transaction. */
  | { readonly kind: 'conditional'; readonly type: string; readonly query: string }
  /** Another server's URL, `urn:uuid:…`; `type` when the URL has the form of a RESTful one. */
  | { readonly kind: 'absolute'; readonly url: string; readonly type?: string }
  /** Any other relative URL (a bare uuid, `Task/x/$accept?ac=…`): kept and found as it stands, it leads nowhere. */
  | { readonly kind: 'relative'; readonly url: string };

const RELATIVE =
  /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const REST_URL =
  /^https?:\/\/.{1,2000}\/([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * @param base our own base URL without a trailing slash: absolute URLs below it are local
 * @returns undefined when the text is no reference at all
 */
export function parseReference(text: string, base?: string): ParsedReference | undefined {
  if (text.length === 0 || text.length > 4096) return undefined;
  if (text.startsWith('#')) return { kind: 'contained', id: text.slice(1) };
  const path =
    base !== undefined && text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text;
  const local = RELATIVE.exec(path);
  if (local) {
    const [, type = '', id = '', version] = local;
    return { kind: 'local', type, id, ...(version === undefined ? {} : { version }) };
  }
  const conditional = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s.exec(path);
  if (conditional)
    return { kind: 'conditional', type: conditional[1] ?? '', query: conditional[2] ?? '' };
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(text)) return relative(text);
  const type = REST_URL.exec(text)?.[1];
  return { kind: 'absolute', url: text, ...(type === undefined ? {} : { type }) };
}

/** https://www.rfc-editor.org/rfc/rfc3986#section-4.2, in whatever letters: its first segment has no colon. */
function relative(text: string): ParsedReference | undefined {
  if (/[\s\u0000-\u0020\u007f"<>\\^`{}]/.test(text) || !text.isWellFormed()) return undefined;
  return /^[^/?#]*:/.test(text) ? undefined : { kind: 'relative', url: text };
}

/** Tells how references are indexed and searched: `Type/id` (without version) or the absolute URL verbatim. */
export function referenceTarget(text: string, base?: string): string | undefined {
  const parsed = parseReference(text, base);
  if (parsed?.kind === 'local') return `${parsed.type}/${parsed.id}`;
  return parsed?.kind === 'absolute' ? parsed.url : undefined;
}
