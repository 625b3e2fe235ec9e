import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { loadDirectory } from '../auth/provider/directory.ts';
import { createProvider, type AuthorizationServer } from '../auth/provider/provider.ts';
import type { ProviderState } from '../auth/provider/state/provider-state.ts';
import { openSqliteState } from '../auth/provider/state/sqlite/sqlite-state.ts';
import { takeOver } from '../auth/provider/state/sqlite/take-over.ts';
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
  config: Pick<Config, 'publicUrl' | 'store' | 'directory' | 'keys' | 'development'>,
  by: Ambient & { readonly base: string; readonly log: FastifyBaseLogger },
): Promise<AuthorizationPart> {
  const { base, clock, log } = by;
  const issuer = `${config.publicUrl}/auth`;
  const directory = loadDirectory(config.directory);
  const state = await openState(config, by);
  try {
    const provider = await createProvider({
      ...{ issuer, audience: base, directory, state, clock },
      development: config.development,
      onError: (error) => log.error({ err: error }, 'authorization server'),
    });
    const keys = { jwks: provider.publicKeys };
    const verifier = createTokenVerifier({ issuer, audience: base, keys, clock });
    return { issuer, provider, verifier, close: () => state.close() };
  } catch (error) {
    await state.close();
    throw error;
  }
}

/** Opens what the servers of one organisation must know of each other's logins: it is where the resources are. */
async function openState(
  { store, keys }: Pick<Config, 'store' | 'keys'>,
  { clock }: Pick<Ambient, 'clock'>,
): Promise<ProviderState> {
  const files = {
    stateFile: join(keys, 'provider.sqlite'),
    keysFile: join(keys, 'token-keys.json'),
  };
  if (store.kind === 'sqlite') return openSqliteState(files, clock);
  // The driver costs memory that only those who use it should pay.
  const { openMongoState } = await import('../auth/provider/state/mongo/mongo-state.ts');
  const state = await openMongoState(store.url, clock);
  try {
    await takeOver(files, state, clock);
    return state;
  } catch (error) {
    await state.close();
    throw error;
  }
}
