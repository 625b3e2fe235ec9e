import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '@grpc/grpc-js';
import { StatusCode, type Gateway, type Proposal } from '@hyperledger/fabric-gateway';
import { stripBlock, type FabricProof, type FabricTrustAnchors } from '@chartseal/evidence';
import type { Call, Channel, CommittedTransaction, PreparedTransaction } from '../channel.ts';
import { LedgerError } from '../errors.ts';
import type { FabricConnection } from './connection-file.ts';
import { Endorsers } from './endorsers.ts';
import {
  commitInvalid,
  commitUnknown,
  isNoSuchTransaction,
  isOrderedBefore,
  ownRefusal,
  submitFailure,
  unavailable,
} from './error-mapping.ts';
import { commitStatusRequest, CurrentIdentity, type ServerIdentity } from './identity.ts';
import { PeerConnection } from './peer-connection.ts';
import { RefusalWatch, type Unendorsed } from './refusal-watch.ts';

/** Milliseconds each phase may take; endorse + submit + commit stay under 15 s. */
export interface FabricDeadlines {
  readonly endorse: number;
  readonly submit: number;
  readonly commit: number;
  readonly evaluate: number;
}

const FABRIC_DEADLINES: FabricDeadlines = {
  endorse: 5000,
  submit: 4500,
  commit: 4500,
  evaluate: 5000,
};

export interface FabricChannelOptions {
  readonly connection: FabricConnection;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly deadlines?: Partial<FabricDeadlines>;
}

/** An endorsement by organisations of which one does not answer must leave time to ask others, so many times in all. */
const ATTEMPTS = { 'one-other': 2, more: 3 };
const FIRST_RETRY = 20;

interface Target {
  readonly chaincode: string;
  /** `contract:transaction`, or a function of a system chaincode. */
  readonly name: string;
  readonly organisations: readonly string[];
}

/** ADAPTER. The channel through our own peer's Fabric Gateway. */
export class FabricChannel implements Channel {
  readonly kind = 'fabric';
  readonly msp: string;
  readonly #connection: FabricConnection;
  readonly #anchors: FabricTrustAnchors;
  readonly #now: () => number;
  readonly #deadlines: FabricDeadlines;
  readonly #peer: PeerConnection;
  readonly #endorsers: Endorsers;
  #refusals: RefusalWatch | undefined;

  constructor({ connection, now, deadlines }: FabricChannelOptions) {
    this.msp = connection.msp;
    this.#connection = connection;
    this.#anchors = connection.trust;
    this.#now = now;
    this.#deadlines = { ...FABRIC_DEADLINES, ...deadlines };
    this.#peer = new PeerConnection(connection, new CurrentIdentity(connection, now));
    this.#endorsers = new Endorsers(connection);
  }

  /**
   * Always names the endorsing organisations, so that transient data goes to those and no more. Peers that lag behind
   * or do not answer are worth another try with another organisation until the deadline.
   */
  async prepare(call: Call): Promise<PreparedTransaction> {
    const end = this.#now() + this.#deadlines.endorse;
    const patience =
      this.#deadlines.endorse /
      ATTEMPTS[call.endorsement === 'one-other' ? call.endorsement : 'more'];
    for (let pause = FIRST_RETRY; ; pause *= 2) {
      const asked = this.#endorsers.ask(call.endorsement);
      const deadline = Math.min(end, this.#now() + patience);
      try {
        return await this.#peer.use((gateway, identity) =>
          this.#endorse(gateway, call, { ...asked, deadline, identity }),
        );
      } catch (error) {
        const refusal = ownRefusal(error, this.msp);
        if (refusal !== undefined) throw refusal;
        this.#endorsers.failed(asked);
        if (this.#now() + pause >= end) throw unavailable(error);
        await sleep(pause);
      }
    }
  }

  async submit({
    txId,
    bytes,
  }: Pick<PreparedTransaction, 'txId' | 'bytes'>): Promise<CommittedTransaction> {
    await this.#peer
      .use((gateway) => gateway.newTransaction(bytes).submit(this.#within(this.#deadlines.submit)))
      .catch((error: unknown) => {
        if (!isOrderedBefore(error)) throw submitFailure(txId, error);
      });
    const committed = await this.#commitStatus(txId).catch((error: unknown) => {
      if (isDuplicate(error)) return this.outcome(txId);
      throw error;
    });
    if (committed === undefined) throw commitUnknown(txId, undefined);
    return committed;
  }

  async outcome(txId: string): Promise<CommittedTransaction | undefined> {
    if (!(await this.#isKnown(txId))) return undefined;
    return this.#commitStatus(txId);
  }

  async evaluate(call: Call): Promise<Uint8Array> {
    return this.#evaluate(this.#connection.chaincode, `${call.contract}:${call.transaction}`, call);
  }

  async proof(txId: string): Promise<FabricProof> {
    const block = await this.#evaluate('qscc', 'GetBlockByTxID', {
      args: [this.#connection.channel, txId],
    });
    const stripped = stripBlock(block, this.#anchors);
    return { ledger: 'fabric', txId, block: Buffer.from(stripped).toString('base64') };
  }

  async trust(): Promise<FabricTrustAnchors> {
    return Promise.resolve(this.#anchors);
  }

  async ready(): Promise<void> {
    const args = [JSON.stringify({ msp: this.msp })];
    await this.prepare({ contract: 'log', transaction: 'head', args });
  }

  /** Tells from now on of transactions on the channel that lacked an endorsement. */
  watchRefusals(seen: (unendorsed: Unendorsed) => void): void {
    const use = <T>(exchange: (gateway: Gateway) => Promise<T>) => this.#peer.use(exchange);
    this.#refusals = new RefusalWatch(use, this.#connection.channel, seen);
    void this.#refusals.start();
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.#refusals?.stop();
    this.#peer.close();
  }

  async #endorse(
    gateway: Gateway,
    call: Call,
    how: {
      readonly organisations: readonly string[];
      readonly deadline: number;
      readonly identity: ServerIdentity;
    },
  ): Promise<PreparedTransaction> {
    const name = `${call.contract}:${call.transaction}`;
    const target = {
      chaincode: this.#connection.chaincode,
      name,
      organisations: how.organisations,
    };
    const proposal = this.#proposal(gateway, target, call);
    const endorsed = await proposal.endorse({ deadline: how.deadline });
    const signature = await how.identity.sign(endorsed.getDigest());
    const signed = gateway.newSignedTransaction(endorsed.getBytes(), signature);
    return {
      txId: signed.getTransactionId(),
      bytes: signed.getBytes(),
      result: signed.getResult(),
    };
  }

  /** Waits until our own peer has committed the transaction. */
  async #commitStatus(txId: string): Promise<CommittedTransaction> {
    const status = await this.#peer
      .use((gateway, identity) => {
        const request = commitStatusRequest(identity, this.#connection.channel, txId);
        return gateway.newCommit(request).getStatus(this.#within(this.#deadlines.commit));
      })
      .catch((error: unknown) => {
        throw commitUnknown(txId, error);
      });
    if (status.code !== StatusCode.VALID) throw commitInvalid(txId, status.code);
    return { txId, block: Number(status.blockNumber) };
  }

  async #isKnown(txId: string): Promise<boolean> {
    try {
      await this.#evaluate('qscc', 'GetTransactionByID', {
        args: [this.#connection.channel, txId],
      });
      return true;
    } catch (error) {
      if (error instanceof LedgerError && isNoSuchTransaction(error.cause)) return false;
      throw error;
    }
  }

  async #evaluate(
    chaincode: string,
    name: string,
    call: Pick<Call, 'args' | 'transient'>,
  ): Promise<Uint8Array> {
    const target = { chaincode, name, organisations: [this.msp] };
    try {
      return await this.#peer.use((gateway) =>
        this.#proposal(gateway, target, call).evaluate(this.#within(this.#deadlines.evaluate)),
      );
    } catch (error) {
      if (isNoSuchTransaction(error)) throw unavailable(error);
      throw ownRefusal(error, this.msp) ?? unavailable(error);
    }
  }

  #proposal(
    gateway: Gateway,
    { chaincode, name, organisations }: Target,
    { args, transient }: Pick<Call, 'args' | 'transient'>,
  ): Proposal {
    return gateway
      .getNetwork(this.#connection.channel)
      .getContract(chaincode)
      .newProposal(name, {
        arguments: [...args],
        endorsingOrganizations: [...organisations],
        ...(transient !== undefined && { transientData: { ...transient } }),
      });
  }

  #within(ms: number): CallOptions {
    return { deadline: this.#now() + ms };
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof LedgerError && error.validationCode === 'DUPLICATE_TXID';
}
