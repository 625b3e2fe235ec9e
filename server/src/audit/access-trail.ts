import { commitment, encodeLeaf, leafHash, type Leaf } from '@chartseal/evidence';
import type { LeafWrite, RecordWrite, ResourceStore } from '../store/resource-store.ts';
import { Turns } from '../turns.ts';
import { encodeDetail, type AccessDetail } from './access-detail.ts';

/** One access or refusal to put on record. */
export interface Access {
  /** Pseudonym of the patient. */
  readonly subject: string;
  readonly detail: AccessDetail;
}

interface Head {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/**
 * Puts accesses and refusals on record: one leaf each, chained per patient (`seq` counts from 0, `prev` is the hash
 * of the leaf before), so that the newest leaf commits to the whole list. Leaves are durable when `record` resolves.
 *
 * @rule access trail
 */
export class AccessTrail {
  readonly #store: ResourceStore;
  readonly #msp: string;
  readonly #newId: () => string;
  readonly #random: (bytes: number) => Uint8Array;
  /** Heads of chains, as of the last leaf handed to the store; reloaded after any failure. */
  readonly #heads = new Map<string, Head>();
  /** Loading heads is asynchronous, so recordings take turns until they have handed over their leaves. */
  readonly #turns = new Turns();
  readonly #recorded: (leafIds: readonly string[]) => void;

  constructor(
    store: ResourceStore,
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
    const { written, leafIds } = await this.#turns.take('all', () =>
      this.#handOver(accesses, records),
    );
    await written;
    this.#recorded(leafIds);
  }

  async #handOver(
    accesses: readonly Access[],
    records: readonly RecordWrite[],
  ): Promise<{ readonly written: Promise<void>; readonly leafIds: readonly string[] }> {
    const leaves: LeafWrite[] = [];
    const heads = new Map<string, Head>();
    for (const access of accesses) {
      const head = heads.get(access.subject) ?? (await this.#head(access.subject));
      const leaf = this.#leaf(access, head);
      leaves.push(leaf);
      heads.set(access.subject, { seq: (head?.seq ?? -1) + 1, hash: leaf.hash });
    }
    for (const [subject, head] of heads) this.#remember(subject, head);
    // Not awaited inside the turn: the store shares one fsync among sets handed over meanwhile, in this order.
    const written = this.#store.write({ leaves, records });
    written.catch(() => {
      // Later leaves may build on one that was lost: forget every head, the store knows what is true.
      this.#heads.clear();
    });
    return { written, leafIds: leaves.map(({ id }) => id) };
  }

  #leaf({ subject, detail }: Access, head: Head | undefined): LeafWrite {
    const salt = this.#random(32);
    const content = encodeDetail(detail);
    const kind = detail.outcome === 'permit' ? 'disclosure' : 'denial';
    const leaf: Leaf = {
      v: 1,
      kind,
      log: this.#msp,
      subject,
      seq: (head?.seq ?? -1) + 1,
      ...(head === undefined ? {} : { prev: Buffer.from(head.hash).toString('hex') }),
      commit: commitment(salt, content),
      ...(detail.tx === undefined ? {} : { tx: detail.tx }),
      at: detail.at,
    };
    const bytes = encodeLeaf(leaf);
    return { id: this.#newId(), kind, subject, bytes, hash: leafHash(bytes), salt, content };
  }

  async #head(subject: string): Promise<Head | undefined> {
    const known = this.#heads.get(subject);
    if (known !== undefined) return known;
    const last = await this.#store.lastAccess(subject);
    if (last === undefined) return undefined;
    const { seq } = JSON.parse(Buffer.from(last.bytes).toString('utf8')) as Leaf;
    return { seq: seq ?? 0, hash: last.hash };
  }

  #remember(subject: string, head: Head): void {
    this.#heads.delete(subject);
    this.#heads.set(subject, head);
    if (this.#heads.size > 50_000) {
      for (const oldest of this.#heads.keys()) {
        this.#heads.delete(oldest);
        break;
      }
    }
  }
}
