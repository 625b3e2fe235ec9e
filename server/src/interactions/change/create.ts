import type { Principal } from '../../auth/principal.ts';
import { accept } from './accept.ts';
import { commitVersion, type Along } from './commit-version.ts';
import { UNCONDITIONAL } from '../conditions/preconditions.ts';
import { versionPath, type Reply } from '../reply.ts';
import type { Services } from '../services.ts';

/** FHIR create: http://hl7.org/fhir/R4/http.html#create */
export async function create(
  services: Services,
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
  if (changed === undefined) throw new Error('a create always changes something');
  const { version, warnings } = changed;
  return { status: 201, body: version.body, version, warnings, location: versionPath(version) };
}
