import type { Endorsement } from '../channel.ts';
import type { FabricConnection } from './connection-file.ts';

/** Organisations to ask, and the turn they were taken in. */
export interface Asked {
  readonly organisations: readonly string[];
  readonly turn: number;
}

/**
 * Says which organisations endorse with us: those that worked last, others after a failure. Our own is always among them,
 * as no key of ours may be written without it, and for our policy the auditor.
 */
export class Endorsers {
  readonly #own: string;
  readonly #others: readonly string[];
  readonly #quorum: number;
  readonly #auditor: string | undefined;
  #turn = 0;

  constructor({
    endorsers,
    quorum,
    auditor,
  }: Pick<FabricConnection, 'endorsers' | 'quorum' | 'auditor'>) {
    const [own, ...others] = endorsers;
    if (own === undefined || others.length === 0) throw new RangeError('two endorsers are needed');
    this.#own = own;
    this.#others = others;
    this.#quorum = quorum;
    this.#auditor = auditor;
  }

  ask(endorsement: Endorsement | undefined): Asked {
    const named = endorsement === 'auditor' ? this.#named() : [];
    const needed = endorsement === 'one-other' ? 2 : Math.max(this.#quorum, 1 + named.length);
    const turning = this.#others.filter((each) => !named.includes(each));
    const rest = turning.map((_, i) => turning[(this.#turn + i) % turning.length] ?? this.#own);
    return { organisations: [this.#own, ...named, ...rest].slice(0, needed), turn: this.#turn };
  }

  /** These failed: ask others next, unless a concurrent call moved on already. */
  failed({ turn }: Asked): void {
    if (this.#turn === turn) this.#turn = (turn + 1) % this.#others.length;
  }

  /** A file that names no auditor is one of before: then all are asked. */
  #named(): readonly string[] {
    if (this.#auditor === undefined) return this.#others;
    return this.#auditor === this.#own ? [] : [this.#auditor];
  }
}
