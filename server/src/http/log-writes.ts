import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { R4 } from '../r4/r4.ts';
import { verified } from './authenticate.ts';
import type { Route } from './routes/route.ts';

/**
 * One line for a request that may have changed something, done or refused: who sent it and what became of it. It holds no id
 * and nothing of a body or a query; the id of the request leads to the leaf and to the access log, which tell the rest.
 */
export function logWrite(
  { r4 }: { readonly r4: Pick<R4, 'isResourceType'> },
  route: Pick<Route, 'offers'>,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): void {
  const caller = verified(request);
  if (caller === undefined) return;
  const { offers } = route;
  const { type = '' } = request.params as { readonly type?: string };
  request.log.info(
    {
      actor: actorOf(caller),
      ...{ role: caller.role, organization: caller.organization, client: caller.client },
      act: 'interaction' in offers ? offers.interaction : offers.operation,
      // Anything may stand in a path, and only names of R4 tell nothing of anybody.
      ...(r4.isResourceType(type) ? { type } : {}),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    },
    'write',
  );
}

/** A patient's own name is data of the patient. */
function actorOf({ role, practitioner, subject }: Principal): string {
  return role === 'patient' ? 'the patient' : (practitioner ?? subject);
}
