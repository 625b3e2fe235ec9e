import type { AccessRequest } from '@chartseal/chaincode';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import {
  discloseResult,
  type DiscloseArguments,
  type DiscloseResult,
  type DisclosureFacts,
} from '@chartseal/chaincode/disclosure';
import { commitment } from '@chartseal/evidence';
import type { Channel } from '../channel.ts';
import { callOf, json, prepare, type Prepared } from './call.ts';
import type { CustodyLedger } from './custody-ledger.ts';

/** One question to the authority; `nonce` (32 random bytes) hides request and decision on the ledger. */
export interface DisclosureRequest {
  /** Pseudonym of the patient, 32 hex digits. */
  readonly subject: string;
  readonly request: AccessRequest;
  readonly nonce: Uint8Array;
}

/** The contract `disclosure`: decides and records. Errors are those of the channel. */
export class DisclosureLedger {
  readonly #channel: Channel;
  readonly #custody: CustodyLedger;

  constructor(channel: Channel, custody: CustodyLedger) {
    this.#channel = channel;
    this.#custody = custody;
  }

  /** Decides a group of requests. `consents` opens the consent set of every subject that has one. */
  prepareDisclose(
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
    const call = callOf('disclosure', 'disclose', [json(args)]);
    return prepare(
      this.#channel,
      { ...call, transient: { facts: json(facts) }, ...this.#custody.endorsement },
      discloseResult(requests.length),
    );
  }
}
