import { createHash, randomBytes } from 'node:crypto';
import { post, REDIRECT, type Answer, type Authority } from './authority.ts';

export const verifier = (): string => randomBytes(32).toString('base64url');
export const challenge = (text: string): string =>
  createHash('sha256').update(text).digest('base64url');

type Parameters = Record<string, string | undefined>;

/** A browser: keeps cookies, follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();

  async get(url: string): Promise<Answer> {
    const response = await fetch(url, { redirect: 'manual', headers: this.#headers() });
    this.#keep(response.headers);
    return {
      status: response.status,
      headers: response.headers,
      body: { text: await response.text() },
    };
  }

  async post(url: string, form: Record<string, string | readonly string[]>): Promise<Answer> {
    const answer = await post(url, form, this.#headers());
    this.#keep(answer.headers);
    return answer;
  }

  #headers(): Record<string, string> {
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  #keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** A correct authorization request, with deviations; a parameter set to undefined is left out. */
export function authorizeUrl(
  authority: Authority,
  code: string,
  deviation: Parameters = {},
): string {
  const url = new URL(`${authority.issuer}/authorize`);
  const parameters: Parameters = {
    client_id: 'app',
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'openid fhirUser launch/patient patient/*.rs user/*.rs',
    aud: authority.audience,
    state: 'state',
    code_challenge: challenge(code),
    code_challenge_method: 'S256',
    ...deviation,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** Goes through the login form; returns where the browser is sent in the end. */
export async function logIn(
  authority: Authority,
  url: string,
  form: Record<string, string | readonly string[]>,
  browser = new Browser(),
): Promise<{ readonly end: URL; readonly page: string; readonly cookies: Headers }> {
  const start = await browser.get(url);
  const first = new URL(start.headers.get('location') ?? 'about:blank', authority.issuer);
  if (!first.href.startsWith(`${authority.issuer}/login/`)) {
    return { end: first, page: String(start.body['text']), cookies: start.headers };
  }
  const page = await browser.get(first.href);
  const answer = await browser.post(first.href, form);
  const resume = answer.headers.get('location');
  if (resume === null)
    return { end: first, page: String(answer.body['text']), cookies: start.headers };
  const done = await browser.get(new URL(resume, authority.issuer).href);
  const end = new URL(done.headers.get('location') ?? 'about:blank');
  return { end, page: String(page.body['text']), cookies: start.headers };
}

export async function redeem(
  authority: Authority,
  form: Record<string, string | undefined>,
): Promise<Answer> {
  return await post(`${authority.issuer}/token`, {
    grant_type: 'authorization_code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    ...form,
  });
}
