import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import { commitment } from './commitment.ts';

/** Says what a leaf of an organisation's evidence log records. */
export type LeafKind =
  'version' | 'disclosure' | 'denial' | 'consent' | 'decision' | 'dispense' | 'claim' | 'key';

/**
 * One entry of an organisation's evidence log. Kept off the ledger; the ledger holds its hash.
 * Pseudonymous: no name, date of care, code, identifier or clinical value in clear.
 *
 * @rule leaf
 */
export interface Leaf {
  readonly v: 1;
  readonly kind: LeafKind;
  /** MSP id of the organisation whose log this is. */
  readonly log: string;
  /** Pseudonym of the patient (32 hex digits), absent when no patient is concerned. */
  readonly subject?: string;
  /** Pseudonym of `Type/id` (32 hex digits) for versions. */
  readonly resource?: string;
  /** For versions: the FHIR versionId; for disclosures and denials: position in the subject's access chain, from 0. */
  readonly seq?: number;
  /** Hash (hex) of the previous leaf of the same chain: the previous version, or the previous access of the subject. */
  readonly prev?: string;
  /** HMAC-SHA256(salt, content) in hex; content is the exact bytes of the version, or the detail record of the access. */
  readonly commit: string;
  /** For versions: `authorCommitment` of who wrote it. Leaves of servers before it was committed to have none. */
  readonly author?: string;
  /** Id of the ledger transaction that decided this, for disclosures, denials and consents. */
  readonly tx?: string;
  /** Instant at which the server made the leaf, RFC 3339 UTC with milliseconds. */
  readonly at: string;
}

/** Exact bytes of a leaf: canonical JSON, UTF-8. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  return Buffer.from(canonicalJson({ ...leaf }), 'utf8');
}

/** Names a resource in the leaf of a version: whoever holds the version's salt recognises it, nobody else does. */
export function resourcePseudonym(salt: Uint8Array, type: string, id: string): string {
  return commitment(salt, `${type}/${id}`).slice(0, 32);
}

/** RFC 6962 section 2.1 leaf hash: SHA-256(0x00 || bytes), 32 bytes. */
export function leafHash(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(Buffer.of(0)).update(bytes).digest();
}
