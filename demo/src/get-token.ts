import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendToken } from './backend-token.ts';
import { loginToken } from './login-token.ts';
import { readKey } from './persona-directory.ts';
import { people } from './personas.ts';
import { TokenError, type TokenRequest } from './token-request.ts';

export interface TokenOptions {
  /** Data folder of the running servers; `.data` of the work tree unless stated. */
  readonly dataDir?: string;
  /** Organisation whose server the token is for; `hospital` unless stated. */
  readonly server?: string;
  /** FHIR base of that server, when `ready.json` is not to be asked. */
  readonly fhir?: string;
  /** Space separated; all of the persona's scopes unless stated. */
  readonly scope?: string;
  /** Purposes of use, space separated codes of v3-ActReason; the persona's own unless stated. */
  readonly purpose?: string;
}

const defaultDataDir = join(import.meta.dirname, '..', '..', '.data');

/**
 * An access token for a persona of the demonstration, got as that persona would get it.
 *
 * @throws TokenError
 */
export async function getToken(name: string, options: TokenOptions = {}): Promise<string> {
  const persona = Object.hasOwn(people, name) ? people[name] : undefined;
  if (persona === undefined) {
    throw new TokenError(
      `There is no persona ${JSON.stringify(name)}. Known: ${Object.keys(people).join(', ')}`,
    );
  }
  const dataDir = options.dataDir ?? defaultDataDir;
  const fhir = options.fhir ?? baseOf(options.server ?? 'hospital', dataDir);
  const request: TokenRequest = {
    fhir,
    ...(await discover(fhir)),
    scope: options.scope ?? persona.scopes.join(' '),
    purpose: options.purpose,
  };
  return persona.kind === 'system'
    ? await backendToken(request, persona.clientId, readKey(dataDir, persona.clientId))
    : await loginToken(request, name);
}

const HOW_TO_START = 'Start the servers with "npm start" and wait for "chartseal ready".';

function baseOf(server: string, dataDir: string): string {
  let text: string;
  try {
    text = readFileSync(join(dataDir, 'ready.json'), 'utf8');
  } catch {
    throw new TokenError(`No servers are running on ${dataDir}. ${HOW_TO_START}`);
  }
  const { organisations } = readyIn(text, dataDir);
  const found = organisations.find(({ name }) => name === server);
  if (found !== undefined) return found.fhir;
  const known = organisations.map(({ name }) => name).join(', ');
  throw new TokenError(`There is no server ${JSON.stringify(server)}. Known: ${known}`);
}

function readyIn(text: string, dataDir: string) {
  try {
    return JSON.parse(text) as { organisations: { name: string; fhir: string }[] };
  } catch (cause) {
    const file = join(dataDir, 'ready.json');
    throw new TokenError(`${file} is not what npm start writes. ${HOW_TO_START}`, { cause });
  }
}

async function discover(
  fhir: string,
): Promise<Pick<TokenRequest, 'issuer' | 'tokenUrl' | 'authorizeUrl'>> {
  const response = await fetch(`${fhir}/.well-known/smart-configuration`, {
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new TokenError(`The server at ${fhir} does not answer. ${HOW_TO_START}`, { cause });
  });
  const document = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const { issuer, token_endpoint: tokenUrl, authorization_endpoint: authorizeUrl } = document;
  if (!response.ok || typeof issuer !== 'string' || typeof tokenUrl !== 'string') {
    throw new TokenError(`The server at ${fhir} does not say where tokens are to be had`);
  }
  return {
    issuer,
    tokenUrl,
    authorizeUrl: typeof authorizeUrl === 'string' ? authorizeUrl : undefined,
  };
}
