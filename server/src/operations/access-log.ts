import type { Bundle, Parameters } from 'fhir/r4.js';
import type { LedgerProof } from '@chartseal/evidence';
import { auditEvent } from '../audit/audit-event.ts';
import type { Principal } from '../auth/principal.ts';
import { FhirError } from '../fhir/errors.ts';
import { disclose } from '../access/disclose.ts';
import { noSuchResource } from '../interactions/read.ts';
import type { Reply } from '../access/reply.ts';
import type { Services } from '../interactions/services.ts';
import type { EvidenceMaker, Inclusion } from '../provenance/evidence.ts';
import type { Subjects } from '../provenance/subjects.ts';
import type { StoredLeaf } from '../store/resource-store.ts';

const ANCHORING_DEADLINE = 8_000;

/**
 * `GET Patient/{id}/$access-log`: every disclosure and refusal on record for this patient, oldest first, this very
 * request included. The leaves form a chain; the proof shows that its newest leaf is in the organisation's log on the
 * ledger, which fixes all the others and their number.
 *
 * @rule $access-log
 */
export function accessLog(
  services: Services & { readonly evidence: EvidenceMaker; readonly subjects: Subjects },
  principal: Principal,
  asked: { readonly id: string },
): Promise<Reply> {
  return disclose(services, principal, {
    interaction: '$access-log',
    type: 'Patient',
    permission: 'r',
    className: 'AccessLog',
    find: async () => {
      const version = await services.store.current('Patient', asked.id);
      return { versions: version === undefined ? [] : [version], named: [] };
    },
    reply: async ([patient]) => {
      if (patient === undefined) throw noSuchResource('Patient', asked.id);
      const accesses = await services.store.accesses(await services.subjects.of(asked.id));
      const head = accesses.at(-1);
      if (head === undefined) throw new Error('the access that shows the log is missing from it');
      await services.sequencer.anchored(head.id, ANCHORING_DEADLINE);
      const proven = await services.store.accesses(head.subject ?? '');
      return {
        status: 200,
        body: JSON.stringify(
          logBundle(services, asked.id, {
            accesses: proven.slice(0, accesses.length),
            ...(await services.evidence.inclusion(head.id)),
          }),
        ),
      };
    },
  });
}

function logBundle(
  services: Services,
  id: string,
  log: {
    readonly accesses: readonly StoredLeaf[];
    readonly inclusion: Inclusion;
    readonly append: LedgerProof;
  },
): Bundle {
  const proof: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'count', valueUnsignedInt: log.accesses.length },
      { name: 'log', valueString: log.inclusion.log },
      { name: 'headLeaf', valueBase64Binary: base64(log.accesses.at(-1)?.bytes) },
      { name: 'headIndex', valueUnsignedInt: log.inclusion.index },
      { name: 'logSize', valueUnsignedInt: log.inclusion.size },
      ...log.inclusion.hashes.map((hash) => ({ name: 'inclusionHash', valueString: hash })),
      { name: 'appendTransaction', valueString: log.append.txId },
      {
        name: 'appendProof',
        valueBase64Binary: Buffer.from(JSON.stringify(log.append)).toString('base64'),
      },
    ],
  };
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: new Date(services.clock()).toISOString(),
    link: [{ relation: 'self', url: `${services.base}/Patient/${id}/$access-log` }],
    entry: [
      ...log.accesses.map((leaf) => ({
        fullUrl: `urn:uuid:${leaf.id}`,
        resource: auditEvent(leaf, services.organisation.reference),
      })),
      { resource: proof },
    ],
  };
}

function base64(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) throw new FhirError('exception', 'The access log is empty');
  return Buffer.from(bytes).toString('base64');
}
