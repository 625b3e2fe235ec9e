import {
  trustFingerprint,
  type EvidenceBundle,
  type LedgerProof,
  type MerkleReader,
} from '@chartseal/evidence';
import type { Channel } from '../ledger/channel.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { LeafQueue, StoredLeaf } from '../store/leaf-queue.ts';
import type { StoredVersion } from '../store/version-store.ts';
import { decodeAuthor } from './author.ts';

export type Inclusion = EvidenceBundle['inclusion'];

export interface EvidenceMakerParts {
  readonly queue: Pick<LeafQueue, 'leaf'>;
  readonly channel: Pick<Channel, 'msp' | 'proof' | 'trust'>;
  /** Reads the store's leaf hashes. */
  readonly log: MerkleReader;
}

/**
 * Makes files that prove, offline, what the store holds.
 *
 * @rule evidence bundle
 */
export class EvidenceMaker {
  readonly #with: EvidenceMakerParts;
  #trust: string | undefined;

  constructor(parts: EvidenceMakerParts) {
    this.#with = parts;
  }

  /** @throws LedgerError `unavailable` while the version is not anchored */
  async bundle(version: StoredVersion): Promise<EvidenceBundle> {
    const leaf = await this.#leaf(version.leaf);
    const { inclusion, append } = await this.#include(leaf);
    this.#trust ??= trustFingerprint(await this.#with.channel.trust());
    return {
      format: 'chartseal-evidence/1',
      resource: {
        type: version.type,
        id: version.id,
        version: version.version,
        deleted: version.deleted,
        content: Buffer.from(version.body).toString('base64'),
      },
      leaf: Buffer.from(leaf.bytes).toString('base64'),
      salt: Buffer.from(leaf.salt).toString('hex'),
      // Leaves of servers that committed to no author have no content.
      ...(leaf.content === undefined ? {} : { author: decodeAuthor(leaf.content) }),
      inclusion,
      append,
      trust: this.#trust,
    };
  }

  /** Proof that a leaf is in the log. @throws LedgerError `unavailable` while it is not anchored */
  async inclusion(
    leafId: string,
  ): Promise<{ readonly inclusion: Inclusion; readonly append: LedgerProof }> {
    return this.#include(await this.#leaf(leafId));
  }

  async #include(
    leaf: StoredLeaf,
  ): Promise<{ readonly inclusion: Inclusion; readonly append: LedgerProof }> {
    const { index, anchored } = leaf;
    if (index === undefined || anchored === undefined) {
      throw new LedgerError('unavailable', 'the leaf is not on the ledger yet');
    }
    const [path, append] = await Promise.all([
      this.#with.log.inclusionPath(index, anchored.size),
      this.#with.channel.proof(anchored.txId),
    ]);
    const hashes = path.map((hash) => Buffer.from(hash).toString('hex'));
    return {
      inclusion: { log: this.#with.channel.msp, index, size: anchored.size, hashes },
      append,
    };
  }

  async #leaf(id: string): Promise<StoredLeaf> {
    const leaf = await this.#with.queue.leaf(id);
    if (leaf === undefined) throw new Error('a stored version has no leaf');
    return leaf;
  }
}
