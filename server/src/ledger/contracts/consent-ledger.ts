import type { OverarchingPolicy } from '@chartseal/chaincode';
import {
  consentHead,
  overarchingPolicy,
  type ConsentHead,
  type OpenedConsentChange,
  type OpenedConsentSet,
  type RecordConsentArguments,
} from '@chartseal/chaincode/consent';
import type { Channel } from '../channel.ts';
import { callOf, evaluate, json, prepare, type Prepared } from './call.ts';
import type { CustodyLedger } from './custody-ledger.ts';

/** The contract `consent`: what patients allow, and the custodian's policy. Errors are those of the channel. */
export class ConsentLedger {
  readonly #channel: Channel;
  readonly #custody: CustodyLedger;

  constructor(channel: Channel, custody: CustodyLedger) {
    this.#channel = channel;
    this.#custody = custody;
  }

  /** The place of the head is brought under our own policy before: so no more than one other member sees the consents. */
  async prepareRecord(
    args: RecordConsentArguments,
    opened: OpenedConsentSet,
    change: OpenedConsentChange,
  ): Promise<Prepared<ConsentHead>> {
    await this.#custody.keepHeads([args.subject], { reserve: true });
    const call = callOf('consent', 'record', [json(args)]);
    const transient = { consents: json(opened), change: json(change) };
    return prepare(this.#channel, { ...call, transient, endorsement: 'one-other' }, consentHead);
  }

  /** Consent head of one of our own patients; undefined when none was ever recorded. Possibly behind. */
  head(subject: string): Promise<ConsentHead | undefined> {
    const args = json({ custodian: this.#channel.msp, subject });
    return evaluate(this.#channel, callOf('consent', 'head', [args]), consentHead);
  }

  /** In force when it resolves. */
  async setPolicy(policy: OverarchingPolicy): Promise<OverarchingPolicy> {
    const call = callOf('consent', 'setPolicy', [json(policy)]);
    const { transaction, result } = await prepare(
      this.#channel,
      { ...call, endorsement: 'auditor' },
      overarchingPolicy,
    );
    await this.#channel.submit(transaction);
    return result;
  }

  /** Our own overarching policy; undefined before the first one. Possibly behind. */
  policy(): Promise<OverarchingPolicy | undefined> {
    const args = json({ custodian: this.#channel.msp });
    return evaluate(this.#channel, callOf('consent', 'policy', [args]), overarchingPolicy);
  }
}
