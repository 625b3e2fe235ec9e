import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { accept, type Accepted } from './accept.ts';
import type { Along } from './change-set.ts';
import { commitVersion } from './commit.ts';
import type { Preconditions } from '../conditions/preconditions.ts';
import { updateReply, type Reply } from '../../access/reply.ts';
import type { Services } from '../services.ts';

/**
 * FHIR update, and update as create: http://hl7.org/fhir/R4/http.html#update
 *
 * @rule update, update as create
 */
export async function update(
  services: Services,
  principal: Principal,
  asked: {
    readonly type: string;
    readonly id: string;
    readonly body: Uint8Array;
    readonly preconditions: Preconditions;
    readonly along?: Along | undefined;
  },
): Promise<Reply> {
  const accepted = accept(services.r4, asked.type, asked.body);
  assertId(accepted, asked.id);
  const changed = await commitVersion(services, principal, {
    interaction: 'update',
    permission: 'u',
    method: 'PUT',
    type: asked.type,
    id: asked.id,
    accepted,
    preconditions: asked.preconditions,
    along: asked.along,
  });
  return updateReply(changed);
}

/** @throws FhirError `structure` unless the resource has the id that the URL names */
export function assertId({ type, resource: { id } }: Accepted, named: string): void {
  if (id === named) return;
  throw new FhirError(
    'structure',
    id === undefined
      ? 'The resource needs the id that the URL names'
      : 'The id of the resource is not the id in the URL',
    { expression: `${type}.id` },
  );
}
