import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import type { TokenVerifier } from '../auth/token.ts';

/** The verified caller of a request. @throws FhirError `login` */
export function authenticate(verifier: TokenVerifier, request: FastifyRequest): Promise<Principal> {
  return verifier.verify(request.headers.authorization);
}
