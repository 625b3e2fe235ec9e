import type { ClientSession } from 'mongodb';
import type { ChainHead } from '../leaf-queue.ts';
import type { Collections, LeafDocument } from './collections.ts';

type Heads = Map<string, ChainHead>;

/** Says how many are remembered. */
const MOST = 50_000;

/**
 * Ends of chains of accesses as this server last wrote them. Another server may have gone on: then what follows them has a
 * place that is taken, which its index refuses.
 */
export class ChainHeads {
  readonly #known: Heads = new Map();

  /** The ends of those of these chains that have any, as far as is known without a transaction. */
  async guess(collections: Collections, subjects: readonly string[]): Promise<Heads> {
    const known = subjects.flatMap((subject): [string, ChainHead][] => {
      const head = this.#known.get(subject);
      return head === undefined ? [] : [[subject, head]];
    });
    const found: Heads = new Map(known);
    const unknown = subjects.filter((subject) => !found.has(subject));
    for (const [subject, head] of await readHeads(collections, unknown)) found.set(subject, head);
    return found;
  }

  /** They are stored, and acknowledged by a majority. */
  remember(heads: Heads): void {
    for (const [subject, head] of heads) {
      this.#known.delete(subject);
      this.#known.set(subject, head);
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) return;
      this.#known.delete(oldest);
    }
  }

  forget(subjects: readonly string[]): void {
    for (const subject of subjects) this.#known.delete(subject);
  }
}

/** The ends of those of these chains that have any. */
export async function readHeads(
  { leaves }: Pick<Collections, 'leaves'>,
  subjects: readonly string[],
  session?: ClientSession,
): Promise<Heads> {
  if (subjects.length === 0) return new Map();
  // MongoDB walks from one subject to the next in the index, and reads no more than the last access of each.
  const found = leaves.aggregate<Required<Pick<LeafDocument, 'chain' | 'hash'>> & { _id: string }>(
    [
      { $match: { access: { $in: [...subjects] }, chain: { $exists: true } } },
      { $sort: { access: -1, chain: -1, fork: -1 } },
      { $group: { _id: '$access', chain: { $first: '$chain' }, hash: { $first: '$hash' } } },
    ],
    session === undefined ? {} : { session },
  );
  const heads: Heads = new Map();
  for await (const { _id, chain, hash } of found) heads.set(_id, { seq: chain, hash });
  return heads;
}
