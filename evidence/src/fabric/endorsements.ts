import { Refusal } from '../refusal.ts';
import type { FabricTrustAnchors } from '../trust-anchors.ts';
import { memberOf } from './identity.ts';
import { signedBy } from './signature.ts';
import type { Transaction } from './transaction.ts';

/** A peer that ran the transaction and signed what it read and wrote. */
export interface Endorser {
  readonly msp: string;
  /** Validity of its certificate, as written in it. */
  readonly validFrom: string;
  readonly validTo: string;
}

/**
 * The peers that endorsed a transaction. Every endorsement must hold; an organisation counts once.
 *
 * @throws Refusal when one does not, or they are too few for the policy of the anchors
 * @rule endorsement
 */
export function checkEndorsements(
  transaction: Transaction,
  anchors: FabricTrustAnchors,
): readonly Endorser[] {
  const endorsers = transaction.endorsements.map(({ endorser, signature }) => {
    const { msp, certificate, units } = memberOf(endorser, anchors);
    if (!units.includes('peer')) throw new Refusal(`an endorser of ${msp} is not a peer`);
    const signed = Buffer.concat([transaction.endorsed, endorser]);
    if (!signedBy(certificate.publicKey, signed, signature)) {
      throw new Refusal(`the endorsement of ${msp} is not signed by it`);
    }
    return { msp, validFrom: certificate.validFrom, validTo: certificate.validTo };
  });
  const [signedFor, asked] = transaction.proposalHashes;
  if (Buffer.compare(signedFor, asked) !== 0) {
    throw new Refusal('the endorsements are for another proposal');
  }
  const { required, of } = anchors.endorsement;
  const counted = new Set(endorsers.map(({ msp }) => msp).filter((msp) => of.includes(msp)));
  if (counted.size < required) {
    throw new Refusal(`${counted.size} organisations endorsed it, ${required} are required`);
  }
  return endorsers;
}
