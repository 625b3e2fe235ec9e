import { namesVersion, parseTags } from '../../fhir/etag.ts';
import type { StoredVersion } from '../../store/resource-store.ts';

/** http://hl7.org/fhir/R4/http.html#cread */
export interface ReadCondition {
  /** `*` or entity tags, separated by commas; anything else is the tag of no version. */
  readonly ifNoneMatch?: string | undefined;
  /** Milliseconds since the epoch; passed over when `ifNoneMatch` is there, as RFC 9110 says. */
  readonly ifModifiedSince?: number | undefined;
}

/**
 * Tells whether the client has this version already. To be asked after the disclosure is on record: the answer tells
 * something too.
 *
 * @rule conditional read, If-None-Match, If-Modified-Since
 */
export function notModified(
  condition: ReadCondition | undefined,
  version: Pick<StoredVersion, 'version' | 'lastUpdated'>,
): boolean {
  const text = condition?.ifNoneMatch;
  if (text !== undefined) return namesVersion(parseTags(text) ?? [], version.version);
  const since = condition?.ifModifiedSince;
  // A date in a header has whole seconds.
  return since !== undefined && Math.floor(version.lastUpdated / 1000) * 1000 <= since;
}
