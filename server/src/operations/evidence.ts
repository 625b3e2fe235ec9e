import { encodeBundle } from '@chartseal/evidence';
import type { Principal } from '../auth/principal.ts';
import { disclose } from '../access/disclose.ts';
import { noSuchResource } from '../interactions/read.ts';
import type { Reply } from '../access/reply.ts';
import type { Services } from '../interactions/services.ts';
import type { EvidenceMaker } from '../provenance/evidence.ts';

/** Says how long a fresh version may take to reach the ledger before the caller is told to come back, ms. */
const ANCHORING_DEADLINE = 8_000;

/**
 * `GET {type}/{id}/_history/{vid}/$evidence`: one file that proves this version offline. It discloses the version.
 *
 * @rule $evidence
 */
export function evidence(
  services: Services & { readonly evidence: EvidenceMaker },
  principal: Principal,
  asked: { readonly type: string; readonly id: string; readonly version: number },
): Promise<Reply> {
  return disclose(services, principal, {
    interaction: '$evidence',
    type: asked.type,
    permission: 'r',
    find: async () => {
      const version = await services.store.version(asked.type, asked.id, asked.version);
      return { versions: version === undefined ? [] : [version], named: [] };
    },
    reply: async ([version]) => {
      if (version === undefined) throw noSuchResource(asked.type, asked.id);
      await services.sequencer.anchored(version.leaf, ANCHORING_DEADLINE);
      const body = encodeBundle(await services.evidence.bundle(version));
      return { status: 200, body, contentType: 'application/json; charset=utf-8' };
    },
  });
}
