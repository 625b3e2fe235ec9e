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
  { meta, leaves }: Pick<Collections, 'meta' | 'leaves'>,
  subjects: readonly string[],
  session?: ClientSession,
): Promise<Heads> {
  if (subjects.length === 0) return new Map();
  // For each subject one entry of the index: grouping the accesses by subject would read all of them.
  const end = [
    { $match: { chain: { $exists: true } } },
    { $sort: { chain: -1, fork: -1 } },
    { $limit: 1 },
    { $project: { chain: 1, hash: 1 } },
  ];
  const found = meta.aggregate<{ readonly subject: string; readonly end: End }>(
    [
      { $match: { _id: { $eq: 'store' } } },
      { $project: { _id: 0, subject: { $literal: subjects } } },
      { $unwind: '$subject' },
      {
        $lookup: {
          ...{ from: leaves.collectionName, localField: 'subject', foreignField: 'access' },
          ...{ pipeline: end, as: 'end' },
        },
      },
      { $unwind: '$end' },
    ],
    session === undefined ? {} : { session },
  );
  const heads: Heads = new Map();
  for await (const { subject, end: at } of found) {
    heads.set(subject, { seq: at.chain, hash: at.hash });
  }
  return heads;
}

type End = Required<Pick<LeafDocument, 'chain' | 'hash'>>;
