import type { Issue } from '../fhir/errors.ts';
import type { StoredVersion } from '../store/version-store.ts';

/** What goes back to the client; http/reply.ts turns it into an HTTP response. */
export interface Reply {
  readonly status: number;
  /** Exact bytes of a FHIR resource in JSON, or of what `contentType` says. */
  readonly body?: Uint8Array | string;
  /** Of a body that is no FHIR resource, and so stays as it is whatever the client accepts. */
  readonly contentType?: string;
  readonly version?: StoredVersion;
  /** The body tells of the version, and is not what a read of it gives. */
  readonly derived?: true;
  /** Of a request that runs in the background: `X-Progress`. */
  readonly progress?: string;
  /** Path below the base where its answer will be. */
  readonly later?: string;
  /** Path below the base, for `Location`. */
  readonly location?: string;
  /** Of a write: what its outcome tells beside that it is done. */
  readonly warnings?: readonly Issue[];
}

export function versionPath(version: {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}): string {
  return `${version.type}/${version.id}/_history/${version.version}`;
}

/** Of an update, or of one that created its resource: http://hl7.org/fhir/R4/http.html#upsert */
export function updateReply(changed: {
  readonly version: StoredVersion;
  readonly previous: StoredVersion | undefined;
  readonly warnings: readonly Issue[];
}): Reply {
  const { version, previous, warnings } = changed;
  const created = previous === undefined || previous.deleted;
  return {
    status: created ? 201 : 200,
    body: version.body,
    version,
    warnings,
    ...(created ? { location: versionPath(version) } : {}),
  };
}
