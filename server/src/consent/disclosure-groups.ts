import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import { LedgerError } from '../ledger/errors.ts';
import {
  DisclosureGroup,
  type DecidedItem,
  type DisclosureGroupOptions,
  type DisclosureItem,
} from './disclosure-group.ts';
import { WaitingLine, type InLine } from './waiting-line.ts';

export type { DisclosureItem } from './disclosure-group.ts';

/**
 * Says what the authority said about one item. A permit or a denial is recorded on the ledger and VALID. `stale`: the
 * ledger holds another consent set than the store, even after reloading; nothing may be disclosed.
 */
export type DisclosureVerdict = DecidedItem | { readonly outcome: 'stale'; readonly epoch: number };

export interface DisclosureGroupsOptions extends DisclosureGroupOptions {
  /** The consent set of a subject as the store holds it now. */
  readonly reload: (subject: string) => Promise<OpenedConsentSet | undefined>;
  readonly limits?: Partial<DisclosureLimits>;
}

export interface DisclosureLimits {
  /** Transactions under way at once. */
  readonly inFlight: number;
  /** Requests per transaction. */
  readonly groupSize: number;
  /** While others are under way a group that is not full leaves this many ms after the one before it. */
  readonly linger: number;
  /** Bytes of consents that are opened for a transaction; see `GroupBounds`. */
  readonly groupBytes: number;
  /** Requests waiting, and those of one caller among them; more are refused. */
  readonly queue: number;
  readonly callersQueue: number;
  /** A call answers after this many ms at the latest. */
  readonly deadline: number;
  /** New transactions for a group that lost to a concurrent change. */
  readonly conflictRetries: number;
  /** New transactions for an item whose consent set was stale, and the wait before each (ms, doubling). */
  readonly staleRetries: number;
  readonly staleWait: number;
}

const DISCLOSURE_LIMITS: DisclosureLimits = {
  inFlight: 3,
  groupSize: 256,
  linger: 20,
  groupBytes: 512 * 1024,
  queue: 10_000,
  callersQueue: 5_000,
  deadline: 14_000,
  conflictRetries: 6,
  staleRetries: 3,
  staleWait: 20,
};

/** Codes of the chaincode that one request of a group can be the reason of. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([
  'argument-too-large',
  'invalid-argument',
  'malformed-json',
]);

interface Waiting extends InLine {
  item: DisclosureItem;
  stale: number;
  abandoned: boolean;
  readonly resolve: (verdict: DisclosureVerdict) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Strict disclosure by group commit: concurrent calls share transactions. A verdict is given only when the
 * transaction that records it is VALID; whatever fails, the call rejects and nothing may be disclosed.
 */
export class DisclosureGroups {
  readonly #options: DisclosureGroupsOptions;
  readonly #limits: DisclosureLimits;
  readonly #group: DisclosureGroup;
  readonly #line = new WaitingLine<Waiting>();
  #inFlight = 0;
  #departure: NodeJS.Immediate | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: DisclosureGroupsOptions) {
    this.#options = options;
    this.#limits = { ...DISCLOSURE_LIMITS, ...options.limits };
    this.#group = new DisclosureGroup(options);
  }

  /**
   * One verdict per item, in their order.
   *
   * @throws LedgerError `commit-unknown`, `unavailable`, `endorse` or `commit-invalid`: nothing may be disclosed
   */
  async disclose(items: readonly DisclosureItem[]): Promise<readonly DisclosureVerdict[]> {
    this.#assertRoom(items);
    const waiting: Waiting[] = [];
    const verdicts = items.map(
      (item) =>
        new Promise<DisclosureVerdict>((resolve, reject) => {
          waiting.push({ item, stale: 0, abandoned: false, resolve, reject });
        }),
    );
    this.#line.push(waiting);
    const timer = setTimeout(() => this.#abandon(waiting), this.#limits.deadline);
    this.#departure ??= setImmediate(() => this.#depart());
    try {
      return await Promise.all(verdicts);
    } finally {
      clearTimeout(timer);
    }
  }

  #abandon(waiting: readonly Waiting[]): void {
    const error = new LedgerError('unavailable', 'the ledger did not answer in time');
    for (const each of waiting) {
      each.abandoned = true;
      each.reject(error);
    }
    this.#line.sweep();
  }

  /** @throws LedgerError `unavailable` when the line, or the part of it that one caller may fill, is full */
  #assertRoom(items: readonly DisclosureItem[]): void {
    const { queue, callersQueue } = this.#limits;
    const [first] = items;
    const ofCaller = first === undefined ? 0 : this.#line.ofCaller(first);
    if (this.#line.length + items.length <= queue && ofCaller + items.length <= callersQueue)
      return;
    throw new LedgerError('unavailable', 'too many disclosures are waiting');
  }

  #depart(): void {
    clearImmediate(this.#departure);
    this.#departure = undefined;
    while (this.#line.length > 0 && this.#inFlight < this.#limits.inFlight) {
      const full = this.#line.length >= this.#limits.groupSize;
      if (this.#inFlight > 0 && !full && this.#linger !== undefined) return;
      clearTimeout(this.#linger);
      this.#linger = setTimeout(() => {
        this.#linger = undefined;
        this.#depart();
      }, this.#limits.linger).unref();
      const group = this.#line.take(this.#limits);
      this.#inFlight += 1;
      void this.#run(group, 0).finally(() => {
        this.#inFlight -= 1;
        this.#depart();
      });
    }
  }

  /** Never rejects: every waiting item of the group is settled or queued again. */
  async #run(group: readonly Waiting[], conflicts: number): Promise<void> {
    try {
      const answers = await this.#group.decide(group.map(({ item }) => item));
      this.#settle(group, answers);
    } catch (error) {
      if (group.length > 1 && isRefusal(error)) {
        // One request that the chaincode refuses must not fail the others.
        for (const half of halves(group)) await this.#run(half, conflicts);
      } else if (isConflict(error) && conflicts < this.#limits.conflictRetries) {
        await this.#retry(group, conflicts + 1);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }

  #settle(group: readonly Waiting[], answers: readonly DisclosureVerdict[]): void {
    const stale: Waiting[] = [];
    group.forEach((each, i) => {
      const answer = answers[i];
      if (answer === undefined) each.reject(new LedgerError('endorse', 'no decision was given'));
      else if (answer.outcome === 'stale' && each.stale < this.#limits.staleRetries)
        stale.push(each);
      else each.resolve(answer);
    });
    if (stale.length === 0) return;
    const round = Math.max(...stale.map((each) => (each.stale += 1)));
    setTimeout(() => void this.#again(stale), this.#limits.staleWait * 2 ** (round - 1));
  }

  async #again(stale: readonly Waiting[]): Promise<void> {
    try {
      await this.#reload(stale);
      this.#line.unshift(stale.filter(({ abandoned }) => !abandoned));
      this.#depart();
    } catch (error) {
      for (const { reject } of stale) reject(error);
    }
  }

  async #retry(group: readonly Waiting[], conflicts: number): Promise<void> {
    try {
      await this.#reload(group);
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    await Promise.all(
      halves(group.filter(({ abandoned }) => !abandoned)).map((half) => this.#run(half, conflicts)),
    );
  }

  async #reload(group: readonly Waiting[]): Promise<void> {
    const subjects = [...new Set(group.map(({ item }) => item.subject))];
    const opened = new Map(
      await Promise.all(
        subjects.map(async (subject) => [subject, await this.#options.reload(subject)] as const),
      ),
    );
    for (const each of group) {
      const { subject, request, nonce } = each.item;
      const set = opened.get(subject);
      each.item = { subject, request, nonce, ...(set !== undefined && { opened: set }) };
    }
  }
}

function halves<T>(group: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(group.length / 2);
  return [group.slice(0, middle), group.slice(middle)].filter(({ length }) => length > 0);
}

function isConflict(error: unknown): boolean {
  return error instanceof LedgerError && error.phase === 'commit-invalid';
}

/** The chaincode found the arguments wrong; nothing was ordered. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof LedgerError && error.phase === 'endorse' && REFUSALS.has(error.contractCode)
  );
}
