import type { Bundle, Parameters } from 'fhir/r4.js';
import type { Leaf, LedgerProof } from '@chartseal/evidence';
import { auditEvent } from '../../audit/audit-event.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Inclusion } from '../../provenance/evidence.ts';
import type { StoredLeaf } from '../../store/leaf-queue.ts';

/** Holds what a page of an access log shows. */
export interface ShownLog {
  readonly leaves: readonly StoredLeaf[];
  /** The newest leaf of the whole log: it commits to all the others, and to their number. */
  readonly head: StoredLeaf;
  readonly inclusion: Inclusion;
  readonly append: LedgerProof;
  /** URLs of this page and the next. */
  readonly self: string;
  readonly next: string | undefined;
}

/** The page as a Bundle of AuditEvents, its last entry the proof of the whole log. */
export function logBundle(
  services: Pick<Disclosing, 'clock' | 'organisation'>,
  { leaves, self, next, ...proven }: ShownLog,
): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: new Date(services.clock()).toISOString(),
    link: [
      { relation: 'self', url: self },
      ...(next === undefined ? [] : [{ relation: 'next', url: next }]),
    ],
    entry: [
      ...leaves.map((leaf) => ({
        fullUrl: `urn:uuid:${leaf.id}`,
        resource: auditEvent(leaf, services.organisation.reference),
      })),
      { resource: proofOf(proven) },
    ],
  };
}

function proofOf({ head, inclusion, append }: Pick<ShownLog, 'head' | 'inclusion' | 'append'>) {
  const { seq } = JSON.parse(Buffer.from(head.bytes).toString('utf8')) as Leaf;
  const proof: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      // Positions in the chain count from 0.
      { name: 'count', valueUnsignedInt: (seq ?? 0) + 1 },
      { name: 'log', valueString: inclusion.log },
      { name: 'headLeaf', valueBase64Binary: base64(head.bytes) },
      { name: 'headIndex', valueUnsignedInt: inclusion.index },
      { name: 'logSize', valueUnsignedInt: inclusion.size },
      ...inclusion.hashes.map((hash) => ({ name: 'inclusionHash', valueString: hash })),
      { name: 'appendTransaction', valueString: append.txId },
      { name: 'appendProof', valueBase64Binary: base64(Buffer.from(JSON.stringify(append))) },
    ],
  };
  return proof;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
