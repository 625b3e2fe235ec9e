import { createHash, randomBytes } from 'node:crypto';
import { app } from './persona-directory.ts';
import { refusal, TokenError, tokenOf, type TokenRequest } from './token-request.ts';

/**
 * A token for a person, as their browser and app would get it: authorization code with PKCE (S256) through the
 * development login.
 *
 * @throws TokenError
 */
export async function loginToken(request: TokenRequest, login: string): Promise<string> {
  if (request.authorizeUrl === undefined) {
    throw new TokenError(`Persons cannot log in at ${request.fhir}: its development login is off`);
  }
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const scope = `openid fhirUser launch/patient ${request.scope}`;
  const start = withQuery(request.authorizeUrl, {
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    scope,
    aud: request.fhir,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(request.purpose === undefined ? {} : { purpose_of_use: request.purpose }),
  });
  const answer = await throughLogin(start, login, scope);
  const error = answer.searchParams.get('error');
  if (error !== null) throw refusal(error, answer.searchParams.get('error_description'));
  const code = answer.searchParams.get('code');
  if (
    code === null ||
    answer.searchParams.get('state') !== state ||
    answer.searchParams.get('iss') !== request.issuer
  ) {
    throw new TokenError('The authorization server answered something else than what was asked');
  }
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    code,
    code_verifier: verifier,
  });
  return await tokenOf(
    await fetch(request.tokenUrl, { method: 'POST', body, signal: AbortSignal.timeout(10_000) }),
  );
}

/** Plays the browser: follows redirects with cookies, fills in the login form, stops at the app's own address. */
async function throughLogin(start: URL, login: string, scope: string): Promise<URL> {
  const form = new URLSearchParams([
    ['login', login],
    ...scope.split(' ').map((word) => ['scope', word]),
  ] as [string, string][]);
  const cookies = new Map<string, string>();
  let at = start;
  let filledIn = false;
  for (let steps = 0; steps < 8; steps++) {
    const isForm = at.pathname.includes('/login/');
    const response = await fetch(at, {
      ...(isForm ? { method: 'POST', body: form } : {}),
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
        accept: 'text/html',
      },
      signal: AbortSignal.timeout(10_000),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new TokenError(`The login failed: ${await reason(response)}`);
    at = new URL(location, at);
    if (at.href.startsWith(app.redirectUri)) return at;
    if (isForm && filledIn) break;
    filledIn ||= isForm;
  }
  throw new TokenError('The login does not come to an end');
}

/** Returns what an error page says, without its markup. */
async function reason(response: Response): Promise<string> {
  const [, body = ''] = /<body>(.*)<\/body>/s.exec(await response.text()) ?? [];
  const words = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
  return words.replace(/\s+/g, ' ').trim() || `HTTP ${response.status}`;
}

function withQuery(url: string, parameters: Readonly<Record<string, string>>): URL {
  const result = new URL(url);
  for (const [name, value] of Object.entries(parameters)) result.searchParams.set(name, value);
  return result;
}
