import { formatEtag } from './etag.ts';
import type { Issue } from './errors.ts';
import { formatInstant } from './instant.ts';
import { outcomeFrom } from './outcome.ts';

/** A stored version, as far as a Bundle shows it. */
export interface BundledVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly deleted: boolean;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** The resource's exact bytes in UTF-8. */
  readonly body: Uint8Array;
  /** Given: the bytes are those of a resource that it contains, with this id of its own. */
  readonly inside?: { readonly id: string | undefined };
}

interface Frame {
  /** Our base URL without a trailing slash. */
  readonly base: string;
  readonly total: number | undefined;
  readonly self: string;
  readonly next: string | undefined;
  readonly first?: string | undefined;
  readonly previous?: string | undefined;
  readonly last?: string | undefined;
  /** Codings of `meta.security`. */
  readonly security?: readonly object[];
}

const relations = ['self', 'first', 'previous', 'next', 'last'] as const;

type Part = string | Uint8Array;

/** A `searchset` of exact resource bytes, with a warning for parameters that lenient handling passed over. */
export function searchBundle(
  of: Frame & {
    readonly matches: readonly BundledVersion[];
    readonly included: readonly BundledVersion[];
    readonly ignored: readonly { readonly name: string; readonly reason: string }[];
    /** Says what else must be known of this answer. */
    readonly warnings?: readonly string[];
  },
): Uint8Array {
  const found = (version: BundledVersion, mode: 'match' | 'include'): Part[] => [
    `{${named(of.base, version)}"resource":`,
    version.body,
    `,"search":{"mode":"${mode}"}}`,
  ];
  const entries = [
    ...of.matches.map((version) => found(version, 'match')),
    ...of.included.map((version) => found(version, 'include')),
  ];
  const issues: Issue[] = [
    ...of.ignored.map(({ name, reason }): Issue => ({
      severity: 'warning',
      code: 'not-supported',
      diagnostics: `Ignored: ${reason}`,
      expression: [`http.${name}`],
    })),
    ...(of.warnings ?? []).map((diagnostics): Issue => ({
      severity: 'warning',
      code: 'incomplete',
      diagnostics,
    })),
  ];
  if (issues.length > 0) {
    const outcome = outcomeFrom(issues);
    entries.push([`{"resource":${JSON.stringify(outcome)},"search":{"mode":"outcome"}}`]);
  }
  return bundle('searchset', of, entries);
}

/** A `history` of exact resource bytes; deletions carry none. */
export function historyBundle(
  of: Frame & {
    readonly versions: readonly (BundledVersion & { readonly created: boolean })[];
  },
): Uint8Array {
  return bundle(
    'history',
    of,
    of.versions.map((version) => [
      `{"fullUrl":${JSON.stringify(fullUrl(of.base, version))}`,
      ...(version.deleted ? [] : [',"resource":', version.body]),
      `,"request":${JSON.stringify(requestOf(version))},"response":${JSON.stringify(responseOf(version))}}`,
    ]),
  );
}

/** Nothing names a contained resource that has no id. */
function named(base: string, version: BundledVersion): string {
  const { inside } = version;
  if (inside && inside.id === undefined) return '';
  const fragment = inside ? `#${inside.id}` : '';
  return `"fullUrl":${JSON.stringify(fullUrl(base, version) + fragment)},`;
}

function bundle(type: string, frame: Frame, entries: readonly Part[][]): Uint8Array {
  const links = relations.flatMap((relation) => {
    const url = frame[relation];
    return url === undefined ? [] : [{ relation, url }];
  });
  const parts: Part[] = [
    '{"resourceType":"Bundle"',
    frame.security?.length ? `,"meta":${JSON.stringify({ security: frame.security })}` : '',
    `,"type":"${type}"`,
    frame.total === undefined ? '' : `,"total":${frame.total}`,
    `,"link":${JSON.stringify(links)}`,
  ];
  entries.forEach((entry, index) => parts.push(index === 0 ? ',"entry":[' : ',', ...entry));
  parts.push(entries.length > 0 ? ']}' : '}');
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)),
  );
}

function fullUrl(base: string, { type, id }: BundledVersion): string {
  return `${base}/${type}/${id}`;
}

function requestOf({ method, type, id }: BundledVersion): { method: string; url: string } {
  return { method, url: method === 'POST' ? type : `${type}/${id}` };
}

function responseOf({
  method,
  version,
  lastUpdated,
  created,
}: BundledVersion & { readonly created: boolean }): Record<string, string> {
  const status = method === 'DELETE' ? '204' : created ? '201' : '200';
  return { status, etag: formatEtag(version), lastModified: formatInstant(lastUpdated) };
}
