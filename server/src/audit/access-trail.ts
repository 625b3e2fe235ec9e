import { commitment, encodeLeaf, leafHash, type Leaf } from '@chartseal/evidence';
import type { AccessWrite } from '../store/leaf-queue.ts';
import type { RecordWrite } from '../store/record-store.ts';
import type { Store } from '../store/store.ts';
import { encodeDetail, type AccessDetail } from './access-detail.ts';

/** One access or refusal to put on record. */
export interface Access {
  /** Pseudonym of the patient. */
  readonly subject: string;
  readonly detail: AccessDetail;
}

/**
 * Puts accesses and refusals on record: one leaf each, chained per patient (`seq` counts from 0, `prev` is the hash
 * of the leaf before), so that the newest leaf commits to the whole list. Leaves are durable when `record` resolves. The
 * store alone knows what is the last leaf at the moment of writing, and asks for the one that follows it.
 *
 * @rule access trail
 */
export class AccessTrail {
  readonly #store: Pick<Store, 'write'>;
  readonly #msp: string;
  readonly #newId: () => string;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #recorded: (leafIds: readonly string[]) => void;

  constructor(
    store: Pick<Store, 'write'>,
    by: {
      readonly msp: string;
      readonly newId: () => string;
      readonly random: (bytes: number) => Uint8Array;
      /** Told after leaves became durable, to wake the sequencer. */
      readonly recorded: (leafIds: readonly string[]) => void;
    },
  ) {
    this.#store = store;
    this.#msp = by.msp;
    this.#newId = by.newId;
    this.#random = by.random;
    this.#recorded = by.recorded;
  }

  /** `records` change in the same atomic step. */
  async record(accesses: readonly Access[], records: readonly RecordWrite[] = []): Promise<void> {
    const written = accesses.map((access) => this.entry(access));
    await this.#store.write({ accesses: written, records });
    this.#recorded(written.map(({ id }) => id));
  }

  /** The entry of one access, for whoever writes it in the step of what it tells of. */
  entry({ subject, detail }: Access): AccessWrite {
    const salt = this.#random(32);
    const content = encodeDetail(detail);
    const kind = detail.outcome === 'permit' ? 'disclosure' : 'denial';
    const commit = commitment(salt, content);
    return {
      ...{ id: this.#newId(), kind, subject, salt, content },
      following: (last) => {
        const leaf: Leaf = {
          v: 1,
          kind,
          log: this.#msp,
          subject,
          seq: last === undefined ? 0 : last.seq + 1,
          ...(last === undefined ? {} : { prev: Buffer.from(last.hash).toString('hex') }),
          commit,
          ...(detail.tx === undefined ? {} : { tx: detail.tx }),
          at: detail.at,
        };
        const bytes = encodeLeaf(leaf);
        return { bytes, hash: leafHash(bytes) };
      },
    };
  }
}
