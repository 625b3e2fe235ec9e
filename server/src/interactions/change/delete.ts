import type { Principal } from '../../auth/principal.ts';
import type { Along } from './change-set.ts';
import { commitOne } from './commit.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../services.ts';

/**
 * FHIR delete: http://hl7.org/fhir/R4/http.html#delete. Deleting what is not there is no error.
 *
 * @rule delete
 */
export async function remove(
  services: Services,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly id: string;
    readonly preconditions: Preconditions;
    readonly along?: Along | undefined;
  },
): Promise<Reply> {
  const changed = await commitOne(services, principal, {
    interaction: 'delete',
    permission: 'd',
    method: 'DELETE',
    type: asked.type,
    id: asked.id,
    preconditions: asked.preconditions,
    along: asked.along,
  });
  return { status: 204, ...(changed === undefined ? {} : { version: changed.version }) };
}
