import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError, invoke, type Endorsement } from '@chartseal/chaincode/memory-stub';
import type { EmbeddedProof, TrustAnchors } from '@chartseal/evidence';
import type { Call, Channel, CommittedTransaction, PreparedTransaction } from '../channel.ts';
import { LedgerError } from '../errors.ts';
import { BlockLog, type Endorsed } from './block-log.ts';

export interface EmbeddedChannelOptions {
  /** Holds the ledger's one file; servers of several organisations may share it. */
  readonly folder: string;
  /** MSP id of the organisation that calls. */
  readonly msp: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

/** Opens the embedded ledger, making it when absent. @throws LedgerError `unavailable` */
export async function openEmbeddedChannel(options: EmbeddedChannelOptions): Promise<Channel> {
  await Promise.resolve();
  return available(() => {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const path = join(options.folder, 'ledger.sqlite');
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    return new EmbeddedChannel(new BlockLog(path), options);
  });
}

interface Submitted {
  readonly endorsed: Endorsed;
  readonly resolve: (committed: CommittedTransaction) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * ADAPTER. The same contracts in process, over one file: for development and tests. One key signs all blocks, so it
 * proves nothing about several organisations, and its trust anchors and proofs say so.
 */
class EmbeddedChannel implements Channel {
  readonly kind = 'embedded';
  readonly msp: string;
  readonly #log: BlockLog;
  readonly #options: EmbeddedChannelOptions;
  #queue: Submitted[] = [];
  #closed = false;

  constructor(log: BlockLog, options: EmbeddedChannelOptions) {
    this.msp = options.msp;
    this.#log = log;
    this.#options = options;
  }

  async prepare(call: Call): Promise<PreparedTransaction> {
    const { endorsed, result } = await this.#run(call);
    return { txId: endorsed.txId, bytes: Buffer.from(JSON.stringify(endorsed)), result };
  }

  /** Transactions submitted in the same turn share a block and an fsync. */
  async submit({
    bytes,
  }: Pick<PreparedTransaction, 'txId' | 'bytes'>): Promise<CommittedTransaction> {
    const endorsed = JSON.parse(Buffer.from(bytes).toString('utf8')) as Endorsed;
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#cutBlock());
      this.#queue.push({ endorsed, resolve, reject });
    });
  }

  async outcome(txId: string): Promise<CommittedTransaction | undefined> {
    await Promise.resolve();
    return this.#use(() => this.#outcome(txId));
  }

  async evaluate(call: Call): Promise<Uint8Array> {
    const { result } = await this.#run(call);
    return result;
  }

  async proof(txId: string): Promise<EmbeddedProof> {
    await Promise.resolve();
    const { bytes, signature } = this.#use(() => {
      const place = this.#log.placeOf(txId);
      const block = place && this.#log.block(place.block);
      if (block === undefined)
        throw new LedgerError('unavailable', 'no such transaction', { txId });
      return block;
    });
    return {
      ledger: 'embedded',
      txId,
      block: bytes,
      signature: Buffer.from(signature).toString('base64'),
    };
  }

  async trust(): Promise<TrustAnchors> {
    await Promise.resolve();
    return {
      format: 'chartseal-trust/1',
      ledger: 'embedded',
      channel: 'records',
      chaincode: 'chartseal',
      publicKey: this.#use(() => this.#log.publicKey()),
    };
  }

  async ready(): Promise<void> {
    await Promise.resolve();
    this.#use(() => this.#log.probe());
  }

  async close(): Promise<void> {
    await Promise.resolve();
    if (this.#closed) return;
    if (this.#queue.length > 0) this.#cutBlock();
    this.#closed = true;
    this.#log.close();
  }

  #cutBlock(): void {
    const submitted = this.#queue;
    this.#queue = [];
    if (submitted.length === 0) return;
    try {
      this.#use(() => this.#log.commit(distinct(submitted.map(({ endorsed }) => endorsed))));
    } catch (error) {
      for (const { reject } of submitted) reject(error);
      return;
    }
    for (const { endorsed, resolve, reject } of submitted) {
      try {
        const committed = this.#use(() => this.#outcome(endorsed.txId));
        if (committed === undefined) throw new LedgerError('commit-unknown', 'no such transaction');
        resolve(committed);
      } catch (error) {
        reject(error);
      }
    }
  }

  #outcome(txId: string): CommittedTransaction | undefined {
    const place = this.#log.placeOf(txId);
    if (place?.valid === false) {
      throw new LedgerError('commit-invalid', 'the transaction was ordered without effect', {
        txId,
        validationCode: 'MVCC_READ_CONFLICT',
      });
    }
    return place && { txId, block: place.block };
  }

  async #run(call: Call): Promise<{ readonly endorsed: Endorsed; readonly result: Uint8Array }> {
    const txId = Buffer.from(this.#options.random(32)).toString('hex');
    const { reads, writes, policies, result } = await this.#invoke(call, txId);
    const endorsed: Endorsed = {
      txId,
      creator: this.msp,
      reads: reads.map(({ key, version }) => ({
        key,
        version: version === null ? null : String(version),
      })),
      writes: writes.map(({ key, value }) => ({ key, value: Buffer.from(value).toString('utf8') })),
      policies: policies.map(({ key, policy }) => ({
        key,
        policy: Buffer.from(policy).toString('base64'),
      })),
    };
    return { endorsed, result };
  }

  async #invoke(call: Call, txId: string): Promise<Endorsement> {
    try {
      return await invoke({
        ...call,
        txId,
        at: new Date(this.#options.now()).toISOString(),
        caller: { msp: this.msp, attributes: { 'fhir.role': 'server' } },
        state: { get: (key) => this.#use(() => this.#log.read(key)) },
      });
    } catch (cause) {
      if (!(cause instanceof ContractError)) throw cause;
      throw new LedgerError('endorse', 'the chaincode refused the transaction', {
        contractCode: cause.code,
        cause,
      });
    }
  }

  #use<T>(act: () => T): T {
    if (this.#closed) throw new LedgerError('unavailable', 'the ledger is closed');
    return available(act);
  }
}

/** Only ledger errors leave: what SQLite or the file system says stays in `cause`. */
function available<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError('unavailable', 'the ledger cannot be used now', { cause });
  }
}

function distinct(transactions: readonly Endorsed[]): readonly Endorsed[] {
  return [...new Map(transactions.map((each) => [each.txId, each])).values()];
}
