import { keepResult, type KeepHeadsArguments } from '@chartseal/chaincode/custody';
import type { Call, Channel, Endorsement } from '../channel.ts';
import { callOf, evaluate, json, prepare } from './call.ts';

/** The contract `custody`: our keys under our own policies. Errors are those of the channel. */
export class CustodyLedger {
  readonly #channel: Channel;
  #kept = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Says who must endorse what writes our log and our record of disclosures. */
  get endorsement(): Pick<Call, 'endorsement'> {
    return this.#kept ? { endorsement: 'one-other' satisfies Endorsement } : {};
  }

  /** Our log, record of disclosures and policy are under our own policies when it resolves; returns how many were not. */
  async keep(): Promise<number> {
    const brought = await this.#bring(callOf('custody', 'keep', ['{}']));
    this.#kept = true;
    return brought;
  }

  /** The same for the consent heads of these patients (at most 500); `reserve`: also of those who have none yet. */
  keepHeads(subjects: readonly string[], { reserve } = { reserve: false }): Promise<number> {
    const args: KeepHeadsArguments = { subjects, reserve };
    return this.#bring(callOf('custody', 'keepHeads', [json(args)]));
  }

  async #bring(call: Call): Promise<number> {
    const found = await evaluate(this.#channel, call, keepResult);
    if (found?.brought === 0) return 0;
    const { transaction, result } = await prepare(this.#channel, call, keepResult);
    if (result.brought > 0) await this.#channel.submit(transaction);
    return result.brought;
  }
}
