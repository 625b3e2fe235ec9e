import { createHash } from 'node:crypto';
import { canonicalJson, type CanonicalValue } from './canonical.ts';

/**
 * Holds what an auditor must hold beforehand, from a source he trusts, to check evidence offline.
 *
 * @rule trust anchors
 */
export type TrustAnchors = FabricTrustAnchors | EmbeddedTrustAnchors;

export interface FabricTrustAnchors {
  readonly format: 'chartseal-trust/1';
  readonly ledger: 'fabric';
  readonly channel: string;
  /** Name of the chaincode definition; also the state namespace of its writes. */
  readonly chaincode: string;
  readonly organisations: readonly {
    readonly name: string;
    readonly msp: string;
    /** PEM certificates of the organisation's certificate authorities. */
    readonly rootCertificates: readonly string[];
  }[];
  /** The BFT consenters of the channel configuration; `certificate` is the PEM signing certificate. */
  readonly consenters: readonly {
    readonly id: number;
    readonly msp: string;
    readonly certificate: string;
  }[];
  /** Orderer signatures a block needs: ceil((n + f + 1) / 2), with f = floor((n - 1) / 3). */
  readonly quorum: number;
  /** Endorsement policy of the chaincode: peers of at least `required` of `of` (MSP ids). */
  readonly endorsement: { readonly required: number; readonly of: readonly string[] };
}

/** Development only: one local key signs the blocks, so nothing is proved about several organisations. */
export interface EmbeddedTrustAnchors {
  readonly format: 'chartseal-trust/1';
  readonly ledger: 'embedded';
  readonly channel: string;
  readonly chaincode: string;
  /** PEM public key (Ed25519) that signs block headers. */
  readonly publicKey: string;
}

/** SHA-256 (hex) of the anchors in canonical JSON; evidence bundles name the anchors they expect by it. */
export function trustFingerprint(anchors: TrustAnchors): string {
  return createHash('sha256')
    .update(canonicalJson(anchors as unknown as CanonicalValue))
    .digest('hex');
}
