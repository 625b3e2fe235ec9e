import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Says who may see what is for operators: everybody, whoever shows the token, or nobody. */
export type Operators = 'everybody' | 'nobody' | { readonly token: string };

/**
 * Keeps others from what operators look at: how often something is disclosed or refused here tells of patients, too.
 *
 * @returns a hook that answers 401 to them
 */
export function forOperators(
  operators: Operators,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async ({ headers: { authorization = '' } }, reply) => {
    if (operators === 'everybody') return;
    const shown = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    if (operators !== 'nobody' && shown !== undefined && isSame(shown, operators.token)) return;
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer realm="operators"')
      .header('cache-control', 'no-store')
      .send({ error: 'This is for operators: it takes the token of CHARTSEAL_METRICS_TOKEN' });
  };
}

/** Digests have one length, so that comparing them tells nothing of the token's. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
