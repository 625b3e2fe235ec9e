import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { TokenVerifier } from '../auth/token.ts';

const callers = new WeakMap<FastifyRequest, Principal>();

/** Verifies who sends a request. @throws FhirError `login` */
export async function authenticate(
  verifier: TokenVerifier,
  request: FastifyRequest,
): Promise<void> {
  const caller = await verifier.verify(request.headers.authorization);
  callers.set(request, { ...caller, request: request.id });
}

/** The verified caller of a request. @throws Error when nobody was verified, which is a fault of this server */
export function callerOf(request: FastifyRequest): Principal {
  const caller = verified(request);
  if (caller === undefined) throw new Error('This request was not authenticated');
  return caller;
}

/** The caller of a request, if it was verified. */
export function verified(request: FastifyRequest): Principal | undefined {
  return callers.get(request);
}
