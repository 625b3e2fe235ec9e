import { decideAccess, type Decision, type OverarchingPolicy } from '@chartseal/chaincode';
import type { OpenedConsentSet } from '@chartseal/chaincode/consent';
import type { DiscloseResult } from '@chartseal/chaincode/disclosure';
import { canonicalJson, commitment, type CanonicalValue } from '@chartseal/evidence';
import type { DisclosureRequest } from '../ledger/contracts/disclosure-ledger.ts';
import type { Ledgers } from '../ledger/contracts/ledgers.ts';
import { LedgerError } from '../ledger/errors.ts';

/** Holds what deciding groups of disclosures takes. */
export type DisclosureLedgers = Pick<Ledgers, 'channel' | 'consent' | 'disclosure'>;

/** A question about one patient; `opened` is the patient's consent set as the store holds it, if there is one. */
export interface DisclosureItem extends DisclosureRequest {
  readonly opened?: OpenedConsentSet;
}

/** A decision in force: recorded by the VALID transaction `txId`. */
export interface DecidedItem {
  readonly outcome: 'permit' | 'deny';
  readonly decision: Decision;
  readonly txId: string;
  /** Instant at which the consents were judged: the transaction's own. */
  readonly at: string;
  /** Consent epoch the decision rests on, 0 when the patient has no consent record. */
  readonly epoch: number;
}

type Answer = DecidedItem | { readonly outcome: 'stale'; readonly epoch: number };

export interface DisclosureGroupOptions {
  readonly ledger: DisclosureLedgers;
  /** Is told of each transaction that became VALID. */
  readonly recorded?: (txId: string) => void;
  /** Throws unless decisions by this policy, undefined: by none, are served. */
  readonly serves?: (policy: OverarchingPolicy | undefined) => void;
}

/** Takes one group of requests through one transaction. */
export class DisclosureGroup {
  readonly #ledger: DisclosureLedgers;
  readonly #recorded: (txId: string) => void;
  readonly #serves: (policy: OverarchingPolicy | undefined) => void;
  #policy: OverarchingPolicy | undefined;

  constructor({ ledger, recorded, serves }: DisclosureGroupOptions) {
    this.#ledger = ledger;
    this.#recorded = recorded ?? (() => undefined);
    this.#serves = serves ?? (() => undefined);
  }

  /** One answer per item; decided answers are VALID on the ledger when it resolves. */
  async decide(items: readonly DisclosureItem[]): Promise<readonly Answer[]> {
    const consents = new Map<string, OpenedConsentSet>();
    for (const { subject, opened } of items)
      if (opened !== undefined) consents.set(subject, opened);
    const { transaction, result } = await this.#ledger.disclosure.prepareDisclose(items, consents);
    const policy = await this.#policyOf(result.policyVersion);
    this.#serves(policy);
    const { txId } = transaction;
    const custodian = this.#ledger.channel.msp;
    const answers = items.map((item, i) =>
      check(item, consents.get(item.subject), { ...result, i, policy, custodian, txId }),
    );
    // Nothing leaves before the access log is durable, so a decision that a crash leaves unused needs no record of its own.
    if (answers.some(({ outcome }) => outcome !== 'stale')) {
      await this.#ledger.channel.submit(transaction);
      this.#recorded(txId);
    }
    return answers;
  }

  /** The policy the peers used; ours may be older, or our peer behind. */
  async #policyOf(version: number): Promise<OverarchingPolicy | undefined> {
    if (version === 0) return undefined;
    if (this.#policy?.version !== version) this.#policy = await this.#ledger.consent.policy();
    if (this.#policy?.version !== version) {
      throw new LedgerError('unavailable', 'the policy that was applied is not known here yet');
    }
    return this.#policy;
  }
}

interface Judged extends DiscloseResult {
  readonly i: number;
  readonly policy: OverarchingPolicy | undefined;
  readonly custodian: string;
  readonly txId: string;
}

/** Computes the decision here as well and compares: peers that decide otherwise are not believed. */
function check(item: DisclosureItem, opened: OpenedConsentSet | undefined, judged: Judged): Answer {
  const { at, policy, txId } = judged;
  const theirs = judged.decisions[judged.i];
  if (theirs?.outcome === 'stale') return { outcome: 'stale', epoch: theirs.epoch };
  const decision = decideAccess({
    request: item.request,
    consents: opened?.set,
    policy,
    custodian: judged.custodian,
    at,
  });
  const ours = commitment(item.nonce, canonicalJson(decision as unknown as CanonicalValue));
  if (
    theirs === undefined ||
    theirs.outcome !== decision.outcome ||
    theirs.commitment !== ours ||
    theirs.epoch > 0 !== (opened !== undefined)
  ) {
    throw new LedgerError('endorse', 'the peers decided otherwise than the same rule does here', {
      txId,
      contractCode: 'decision-mismatch',
    });
  }
  return { outcome: theirs.outcome, decision, txId, at, epoch: theirs.epoch };
}
