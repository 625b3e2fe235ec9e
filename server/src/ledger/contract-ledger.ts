import {
  CONTRACTS,
  type AccessRequest,
  type AppendArguments,
  type AppendResult,
  type ConsentHead,
  type DiscloseArguments,
  type DiscloseResult,
  type DisclosureFacts,
  type OpenedConsentSet,
  type OverarchingPolicy,
  type RecordConsentArguments,
} from '@chartseal/chaincode';
import { canonicalJson, commitment, type CanonicalValue, type LogState } from '@chartseal/evidence';
import type { Call, Channel, PreparedTransaction } from './channel.ts';
import {
  orNull,
  parseResult,
  readAppendResult,
  readConsentHead,
  readDiscloseResult,
  readLogState,
  readPolicy,
} from './parse-result.ts';

/** A transaction that was endorsed, not yet ordered, and what the chaincode says it will have done. */
export interface Prepared<Result> {
  readonly transaction: Pick<PreparedTransaction, 'txId' | 'bytes'>;
  readonly result: Result;
}

/** One question to the authority; `nonce` (32 random bytes) hides request and decision on the ledger. */
export interface DisclosureRequest {
  /** Pseudonym of the patient, 32 hex digits. */
  readonly subject: string;
  readonly request: AccessRequest;
  readonly nonce: Uint8Array;
}

/** The transactions of the chaincode, typed. Errors are those of the channel. */
export class ContractLedger {
  readonly channel: Channel;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** Appends leaf hashes (32 bytes each) to our own organisation's log. `size-mismatch` unless it holds `prevSize` leaves. */
  async prepareAppend(
    prevSize: number,
    hashes: readonly Uint8Array[],
  ): Promise<Prepared<AppendResult>> {
    const args: AppendArguments = { prevSize };
    const prepared = await this.channel.prepare(
      call('log', 'append', [json(args), Buffer.concat(hashes)]),
    );
    return typed(prepared, parseResult(prepared.result, readAppendResult));
  }

  /** The ledger's record of a log, our own by default; undefined before its first append. Possibly behind. */
  async logState(msp: string = this.channel.msp): Promise<LogState | undefined> {
    const bytes = await this.channel.evaluate(call('log', 'head', [json({ msp })]));
    return parseResult(bytes, orNull(readLogState));
  }

  async prepareConsent(
    args: RecordConsentArguments,
    opened: OpenedConsentSet,
  ): Promise<Prepared<ConsentHead>> {
    const prepared = await this.channel.prepare({
      ...call('consent', 'record', [json(args)]),
      transient: { consents: json(opened) },
    });
    return typed(prepared, parseResult(prepared.result, readConsentHead));
  }

  /** Consent head of one of our own patients; undefined when none was ever recorded. Possibly behind. */
  async consentHead(subject: string): Promise<ConsentHead | undefined> {
    const args = json({ custodian: this.channel.msp, subject });
    const bytes = await this.channel.evaluate(call('consent', 'head', [args]));
    return parseResult(bytes, orNull(readConsentHead));
  }

  /** In force when it resolves. */
  async setPolicy(policy: OverarchingPolicy): Promise<OverarchingPolicy> {
    const prepared = await this.channel.prepare(call('consent', 'setPolicy', [json(policy)]));
    const recorded = parseResult(prepared.result, readPolicy);
    await this.channel.submit(prepared);
    return recorded;
  }

  /** Our own overarching policy; undefined before the first one. Possibly behind. */
  async policy(): Promise<OverarchingPolicy | undefined> {
    const args = json({ custodian: this.channel.msp });
    const bytes = await this.channel.evaluate(call('consent', 'policy', [args]));
    return parseResult(bytes, orNull(readPolicy));
  }

  /** Decides a group of requests. `consents` opens the consent set of every subject that has one. */
  async prepareDisclosure(
    requests: readonly DisclosureRequest[],
    consents: ReadonlyMap<string, OpenedConsentSet>,
  ): Promise<Prepared<DiscloseResult>> {
    const args: DiscloseArguments = {
      requests: requests.map(({ subject, request, nonce }) => ({
        subject,
        commitment: commitment(nonce, json(request)),
      })),
    };
    const facts: DisclosureFacts = {
      requests: requests.map(({ request, nonce }) => ({
        nonce: Buffer.from(nonce).toString('hex'),
        request,
      })),
      consents: Object.fromEntries(consents),
    };
    const prepared = await this.channel.prepare({
      ...call('disclosure', 'disclose', [json(args)]),
      transient: { facts: json(facts) },
    });
    return typed(prepared, parseResult(prepared.result, readDiscloseResult(requests.length)));
  }
}

function call(contract: keyof typeof CONTRACTS, transaction: string, args: Call['args']): Call {
  return { contract: CONTRACTS[contract], transaction, args };
}

function typed<Result>({ txId, bytes }: PreparedTransaction, result: Result): Prepared<Result> {
  return { transaction: { txId, bytes }, result };
}

/** Canonical, because endorsing peers check commitments over these bytes' values. */
function json(value: object): string {
  return canonicalJson(value as unknown as CanonicalValue);
}
