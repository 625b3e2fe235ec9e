import type { PageLinks, StoredVersion } from '../store/version-store.ts';
import type { Permission } from '../auth/scopes.ts';
import type { Filter } from '../search/query.ts';
import type { Included } from './included.ts';
import type { Reply } from './reply.ts';

/** An interaction that may let patient data out. */
export interface Disclosure {
  /** FHIR interaction or operation, as the access log names it. */
  readonly interaction: string;
  /** Type that is asked for first; what the request names is decided as of this type. */
  readonly type: string;
  readonly permission: Permission;
  /** Names what the authority is asked for when it is not the resource type: `AccessLog`. */
  readonly className?: string;
  /** Search string as sent. */
  readonly query?: string;
  /** The caller asked for whatever may be seen: what has been hidden since it was looked for is no reason to refuse all. */
  readonly absentWhenHidden?: true;
  /**
   * Runs against the store; a search adds `narrowed` to its filter, so that nothing refused can be counted or sorted.
   * For what it finds of other types it asks `of`, which throws FhirError `forbidden` where the scopes leave none.
   */
  find(narrowed: Filter, of: (type: string) => Filter): Promise<Found>;
  /** Makes the reply from what may be seen. Called only after every disclosure is on record. */
  reply(
    visible: readonly StoredVersion[],
    found: Found,
    included: readonly StoredVersion[],
  ): Promise<Reply> | Reply;
}

export interface Found {
  readonly versions: readonly StoredVersion[];
  /** These and what is included have been read as current just now: none of them can be an old version. */
  readonly current?: boolean;
  /** As in `SearchPage`: several rows may be of one version. */
  readonly places?: readonly (number | null)[] | undefined;
  /** Patients the request itself names: they are decided, and refusals recorded, even when nothing was found. */
  readonly named: readonly string[];
  /** Found within the scopes and the narrowing of its types; decided and recorded like the rest, by type. */
  readonly included?: Included;
  readonly next?: string | undefined;
  readonly links?: PageLinks;
  readonly total?: number | undefined;
}
