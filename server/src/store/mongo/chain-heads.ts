import type { ClientSession, Document } from 'mongodb';
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

/** Chains whose ends are asked for in one question. */
const AT_ONCE = 100;

/** The ends of those of these chains that have any. */
export async function readHeads(
  { leaves }: Pick<Collections, 'leaves'>,
  subjects: readonly string[],
  session?: ClientSession,
): Promise<Heads> {
  const heads: Heads = new Map();
  for (let from = 0; from < subjects.length; from += AT_ONCE) {
    const [first, ...others] = subjects.slice(from, from + AT_ONCE).map(endOf);
    const union = others.map((pipeline) => ({
      $unionWith: { coll: leaves.collectionName, pipeline },
    }));
    const pipeline = [...(first ?? []), ...union];
    const found = leaves.aggregate<End>(pipeline, session === undefined ? {} : { session });
    for await (const { access, chain, hash } of found) heads.set(access, { seq: chain, hash });
  }
  return heads;
}

type End = Required<Pick<LeafDocument, 'access' | 'chain' | 'hash'>>;

/** Reads one entry of the index: grouping by subject would read all of them. */
function endOf(subject: string): Document[] {
  return [
    { $match: { access: { $eq: subject }, chain: { $exists: true } } },
    { $sort: { chain: -1, fork: -1 } },
    { $limit: 1 },
    { $project: { access: 1, chain: 1, hash: 1 } },
  ];
}
