import type {
  Call,
  Channel,
  CommittedTransaction,
  PreparedTransaction,
} from '../../src/ledger/channel.ts';
import { LedgerError } from '../../src/ledger/errors.ts';

/** What goes wrong at one call; `ok` does what the channel does. */
export type Fault =
  | 'ok'
  | 'failPrepare'
  | 'failSubmit'
  | 'failSubmitButCommitted'
  | 'refuseSubmit'
  | 'conflict'
  | 'slow'
  | 'failOutcome'
  | 'failEvaluate';

type Step = 'prepare' | 'submit' | 'outcome' | 'evaluate';

const CONCERNED: Readonly<Record<Fault, Step | undefined>> = {
  ok: undefined,
  failPrepare: 'prepare',
  failSubmit: 'submit',
  failSubmitButCommitted: 'submit',
  refuseSubmit: 'submit',
  conflict: 'submit',
  slow: 'submit',
  failOutcome: 'outcome',
  failEvaluate: 'evaluate',
};

/** A channel whose next calls go wrong as told; every fault is used once, at the first call it concerns. */
export class FaultyChannel implements Channel {
  readonly kind: Channel['kind'];
  readonly msp: string;
  readonly faults: Fault[];
  /** Ids of all transactions that were submitted, in order. */
  readonly submitted: string[] = [];
  readonly prepared: { readonly call: Call; readonly txId: string }[] = [];
  /** Comes between an endorsement and its submission. */
  beforeSubmit: () => Promise<void> = () => Promise.resolve();
  readonly #channel: Channel;

  constructor(channel: Channel, faults: readonly Fault[] = []) {
    this.#channel = channel;
    this.kind = channel.kind;
    this.msp = channel.msp;
    this.faults = [...faults];
  }

  async prepare(call: Call): Promise<PreparedTransaction> {
    if (this.#next('prepare') !== 'ok')
      throw new LedgerError('unavailable', 'injected: no endorsement');
    const prepared = await this.#channel.prepare(call);
    this.prepared.push({ call, txId: prepared.txId });
    return prepared;
  }

  async submit(
    transaction: Pick<PreparedTransaction, 'txId' | 'bytes'>,
  ): Promise<CommittedTransaction> {
    const { txId } = transaction;
    await this.beforeSubmit();
    const fault = this.#next('submit');
    this.submitted.push(txId);
    if (fault === 'failSubmit') throw new LedgerError('commit-unknown', 'injected: lost', { txId });
    if (fault === 'refuseSubmit')
      throw new LedgerError('submit', 'injected: not ordered', { txId });
    if (fault === 'conflict') {
      // Spoils what was read, so that the transaction is really ordered and really has no effect.
      const spoiled = JSON.parse(Buffer.from(transaction.bytes).toString()) as {
        reads: { version: string | null }[];
      };
      for (const read of spoiled.reads) read.version = 'spoiled';
      return this.#channel.submit({ txId, bytes: Buffer.from(JSON.stringify(spoiled)) });
    }
    if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, 30));
    const committed = await this.#channel.submit(transaction);
    if (fault === 'failSubmitButCommitted') {
      throw new LedgerError('commit-unknown', 'injected: answer lost', { txId });
    }
    return committed;
  }

  async outcome(txId: string): Promise<CommittedTransaction | undefined> {
    if (this.#next('outcome') !== 'ok') throw new LedgerError('unavailable', 'injected: peer down');
    return this.#channel.outcome(txId);
  }

  async evaluate(call: Call): Promise<Uint8Array> {
    if (this.#next('evaluate') !== 'ok')
      throw new LedgerError('unavailable', 'injected: peer down');
    return this.#channel.evaluate(call);
  }

  proof(txId: string): ReturnType<Channel['proof']> {
    return this.#channel.proof(txId);
  }

  trust(): ReturnType<Channel['trust']> {
    return this.#channel.trust();
  }

  ready(): Promise<void> {
    return this.#channel.ready();
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  #next(step: Step): Fault {
    const [fault] = this.faults;
    if (fault === 'ok' && step === 'submit') {
      this.faults.shift();
      return 'ok';
    }
    if (fault === undefined || CONCERNED[fault] !== step) return 'ok';
    this.faults.shift();
    return fault;
  }
}
