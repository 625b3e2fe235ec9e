import { authorOf } from '../../provenance/author.ts';
import { versionLeaf } from '../../provenance/version-leaf.ts';
import type { StoredVersion, VersionWrite } from '../../store/version-store.ts';
import type { Principal } from '../../auth/principal.ts';
import { stamp, type Accepted } from './accept.ts';
import type { NewVersion } from './change-set.ts';
import { indexOf } from '../index/index-of.ts';
import { assertNameIsFree } from '../search/named-queries.ts';
import { keepProtection } from './keep-protection.ts';
import { judgedBy } from '../../access/judged-by.ts';
import { writerRecords } from '../../access/closed-binaries.ts';
import type { Data, Deciding } from '../../access/groups.ts';
import type { Ambient } from '../groups.ts';

/**
 * The version that replaces `current`, with its index and its leaf: one write set.
 *
 * @throws FhirError `forbidden` when it takes protection away, `unprocessable` when it takes the name of another query
 */
export async function newVersion(
  services: Data & Ambient & Pick<Deciding, 'organisation'>,
  principal: Principal,
  made: {
    readonly type: string;
    readonly id: string;
    readonly method: StoredVersion['method'];
    /** Absent for a deletion. */
    readonly accepted?: Accepted;
    /** Whom the resource concerns now, by `ownersOf`; not used for a deletion. */
    readonly owners: readonly string[];
    readonly current: StoredVersion | undefined;
  },
): Promise<NewVersion> {
  const { type, id, method, accepted, owners, current } = made;
  // Whoever deletes it first takes its labels away no less.
  const was = current && (await judgedBy(services, [current])).get(current);
  keepProtection(services, principal, { current: was, accepted });
  if (accepted) await assertNameIsFree(services, { id, resource: accepted.resource });
  const number = (current?.version ?? 0) + 1;
  // Versions of a resource never go back in time, whatever the clock does.
  const lastUpdated = Math.max(services.clock(), (current?.lastUpdated ?? 0) + 1);
  const at = new Date(lastUpdated).toISOString();
  const body =
    accepted === undefined
      ? new Uint8Array()
      : stamp(accepted.scanned, { id, version: number, at });
  const previous =
    current === undefined ? undefined : await services.store.leaves.leaf(current.leaf);
  const leaf = versionLeaf(
    { type, id, version: number, body, previous: previous?.hash },
    {
      ...{ id: services.newId(), log: services.organisation.msp, salt: services.random(32), at },
      author: { written: authorOf(principal), salt: hex(services.random(32)) },
    },
  );
  const indexed = accepted === undefined ? undefined : { ...accepted.resource, id };
  const version: VersionWrite = {
    type,
    id,
    version: number,
    deleted: accepted === undefined,
    lastUpdated,
    method,
    body,
    // A tombstone keeps its patients: that it existed is theirs to hide.
    patients: indexed === undefined ? (current?.patients ?? []) : owners,
    leaf: leaf.id,
    ...(indexed === undefined ? { index: [] } : indexOf(services.r4, indexed)),
  };
  const records = await writerRecords(services, principal, version);
  return { version, write: { versions: [version], leaves: [leaf], records } };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
