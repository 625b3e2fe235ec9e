import type { OpenedAuthor } from './author.ts';
import { canonicalJson, type CanonicalValue } from './canonical.ts';

/** One file that lets anyone check a resource version offline. Binary fields are base64 unless said otherwise. */
export interface EvidenceBundle {
  readonly format: 'chartseal-evidence/1';
  readonly resource: {
    readonly type: string;
    readonly id: string;
    readonly version: number;
    readonly deleted: boolean;
    /** Exact stored bytes; empty for a deletion. */
    readonly content: string;
  };
  /** Exact bytes of the leaf, which are canonical JSON. */
  readonly leaf: string;
  /** The salt of the commitment, hex. */
  readonly salt: string;
  /** Says who wrote the version; absent where the leaf commits to nobody. */
  readonly author?: OpenedAuthor;
  /** RFC 6962 inclusion proof of the leaf in the organisation's log at `size`; hashes in hex. */
  readonly inclusion: {
    readonly log: string;
    readonly index: number;
    readonly size: number;
    readonly hashes: readonly string[];
  };
  /** The transaction that appended the leaf: its endorsed write set holds the root at `inclusion.size`. */
  readonly append: LedgerProof;
  /** Fingerprint (hex) of the trust anchors the server worked with; the verifier compares, never trusts it. */
  readonly trust: string;
}

export type LedgerProof = FabricProof | EmbeddedProof;

/** A whole Fabric block: Fabric hashes its transactions together, so a part of it proves nothing. */
export interface FabricProof {
  readonly ledger: 'fabric';
  readonly txId: string;
  /** Protobuf `common.Block` with header, data and metadata. */
  readonly block: string;
}

/** A block of the embedded development ledger. */
export interface EmbeddedProof {
  readonly ledger: 'embedded';
  readonly txId: string;
  /** Canonical JSON of an `EmbeddedBlock`. */
  readonly block: string;
  /** Ed25519 signature over the bytes of `block`. */
  readonly signature: string;
}

/** `previous` chains blocks: SHA-256 (hex) of the previous block's canonical JSON, '' for block 0. */
export interface EmbeddedBlock {
  readonly number: number;
  readonly previous: string;
  readonly transactions: readonly {
    readonly txId: string;
    readonly valid: boolean;
    readonly creator: string;
    /** Keys and values (UTF-8) written. */
    readonly writes: readonly { readonly key: string; readonly value: string }[];
  }[];
}

/** The text of a bundle's file: canonical JSON, the only form of the document that the verifier accepts. */
export function encodeBundle(bundle: EvidenceBundle): string {
  return canonicalJson(bundle as unknown as CanonicalValue);
}
