import type { Principal } from '../../auth/principal.ts';
import { accept } from './accept.ts';
import type { Along } from './change-set.ts';
import { commitVersion } from './commit.ts';
import { UNCONDITIONAL } from '../conditions/preconditions.ts';
import { createReply, type Reply } from '../../access/reply.ts';
import type { Changing } from './changing.ts';

/**
 * FHIR create: http://hl7.org/fhir/R4/http.html#create
 *
 * @rule create
 */
export async function create(
  services: Changing,
  principal: Principal,
  asked: { readonly type: string; readonly body: Uint8Array; readonly along?: Along | undefined },
): Promise<Reply> {
  const accepted = accept(services.r4, asked.type, asked.body);
  const changed = await commitVersion(services, principal, {
    interaction: 'create',
    permission: 'c',
    method: 'POST',
    type: asked.type,
    id: services.newId(),
    accepted,
    preconditions: UNCONDITIONAL,
    along: asked.along,
  });
  return createReply(changed);
}
