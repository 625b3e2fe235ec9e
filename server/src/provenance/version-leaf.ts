import {
  authorCommitment,
  commitment,
  encodeLeaf,
  leafHash,
  resourcePseudonym,
  type Leaf,
  type OpenedAuthor,
} from '@chartseal/evidence';
import type { LeafWrite } from '../store/leaf-queue.ts';
import { encodeAuthor } from './author.ts';

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
 * The leaf of a new version, to be written in the same step, with its author beside it. `salt`, like that of the author, is
 * 32 fresh random bytes, `at` an instant.
 *
 * @rule leaf
 */
export function versionLeaf(
  facts: VersionFacts,
  made: {
    readonly id: string;
    readonly log: string;
    readonly salt: Uint8Array;
    readonly author: OpenedAuthor;
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
    author: authorCommitment(made.author),
    at: made.at,
  };
  const bytes = encodeLeaf(leaf);
  const { id, salt, author } = made;
  const content = encodeAuthor(author);
  return { id, kind: 'version', bytes, hash: leafHash(bytes), salt, content };
}
