import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { loadDirectory } from '../auth/provider/directory.ts';
import { createProvider, type AuthorizationServer } from '../auth/provider/provider.ts';
import { createTokenVerifier, type TokenVerifier } from '../auth/token.ts';
import type { Config } from '../config.ts';
import type { Ambient, Part } from './ambient.ts';

export interface AuthorizationPart extends Part {
  readonly issuer: string;
  readonly provider: AuthorizationServer;
  readonly verifier: TokenVerifier;
}

/** The embedded authorization server, and what verifies its tokens. */
export async function openAuthorization(
  config: Pick<Config, 'publicUrl' | 'directory' | 'keys' | 'development'>,
  { base, clock, log }: Ambient & { readonly base: string; readonly log: FastifyBaseLogger },
): Promise<AuthorizationPart> {
  const issuer = `${config.publicUrl}/auth`;
  const provider = await createProvider({
    issuer,
    audience: base,
    directory: loadDirectory(config.directory),
    keysFile: join(config.keys, 'token-keys.json'),
    stateFile: join(config.keys, 'provider.sqlite'),
    development: config.development,
    clock,
    onError: (error) => log.error({ err: error }, 'authorization server'),
  });
  const verifier = createTokenVerifier({
    issuer,
    audience: base,
    keys: { jwks: provider.publicKeys },
    clock,
  });
  return { issuer, provider, verifier, close: () => provider.close() };
}
