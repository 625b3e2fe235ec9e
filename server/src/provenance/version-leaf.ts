import {
  commitment,
  encodeLeaf,
  leafHash,
  resourcePseudonym,
  type Leaf,
} from '@chartseal/evidence';
import type { LeafWrite } from '../store/resource-store.ts';

/** Holds what a version's leaf commits to. */
export interface VersionFacts {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Exact stored bytes; empty for a deletion. */
  readonly body: Uint8Array;
  /** Hash of the leaf of the version before it, absent for the first. */
  readonly previous: Uint8Array | undefined;
}

/**
 * The leaf of a new version, to be written in the same step. `salt` is 32 fresh random bytes, `at` an instant.
 *
 * @rule leaf
 */
export function versionLeaf(
  facts: VersionFacts,
  made: {
    readonly id: string;
    readonly log: string;
    readonly salt: Uint8Array;
    readonly at: string;
  },
): LeafWrite {
  const leaf: Leaf = {
    v: 1,
    kind: 'version',
    log: made.log,
    resource: resourcePseudonym(made.salt, facts.type, facts.id),
    seq: facts.version,
    ...(facts.previous === undefined ? {} : { prev: Buffer.from(facts.previous).toString('hex') }),
    commit: commitment(made.salt, facts.body),
    at: made.at,
  };
  const bytes = encodeLeaf(leaf);
  return { id: made.id, kind: 'version', bytes, hash: leafHash(bytes), salt: made.salt };
}
