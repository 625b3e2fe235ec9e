import {
  appendResult,
  logState,
  type AppendArguments,
  type AppendResult,
} from '@chartseal/chaincode/log';
import type { LogState } from '@chartseal/evidence';
import type { Channel } from '../channel.ts';
import { callOf, evaluate, json, prepare, type Prepared } from './call.ts';
import type { CustodyLedger } from './custody-ledger.ts';

/** The contract `log`: evidence logs of the organisations. Errors are those of the channel. */
export class LogLedger {
  readonly #channel: Channel;
  readonly #custody: CustodyLedger;

  constructor(channel: Channel, custody: CustodyLedger) {
    this.#channel = channel;
    this.#custody = custody;
  }

  /** Appends leaf hashes (32 bytes each) to our own organisation's log. `size-mismatch` unless it holds `prevSize` leaves. */
  prepareAppend(prevSize: number, hashes: readonly Uint8Array[]): Promise<Prepared<AppendResult>> {
    const args: AppendArguments = { prevSize };
    const call = callOf('log', 'append', [json(args), Buffer.concat(hashes)]);
    return prepare(this.#channel, { ...call, ...this.#custody.endorsement }, appendResult);
  }

  /** The ledger's record of a log, our own by default; undefined before its first append. Possibly behind. */
  head(msp: string = this.#channel.msp): Promise<LogState | undefined> {
    return evaluate(this.#channel, callOf('log', 'head', [json({ msp })]), logState);
  }
}
