import type { IncomingMessage } from 'node:http';
import {
  errors,
  type InteractionResults,
  type KoaContextWithOIDC,
  type Provider,
} from 'oidc-provider';
import { purposesFor } from './token-claims.ts';
import type { AppEntry, Directory, PersonEntry } from './directory.ts';
import { grantable, grantableBy } from './grantable.ts';
import { errorPage, loginPage, PAGE_HEADERS } from './login-page.ts';

export const LOGIN_PATH = '/login';
const BODY_LIMIT = 16 * 1024;

/**
 * Purposes of use are kept in the grant from login until the code is redeemed, under this name in the place of a
 * resource server: the grant is the one record that both steps have.
 */
const PURPOSES = 'urn:chartseal:purpose-of-use';

type Grant = InstanceType<Provider['Grant']>;
type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Returns what the grant of a finished login says about purposes of use. */
export function grantedPurposes(grant: Grant): readonly string[] {
  return grant.getResourceScope(PURPOSES).split(' ');
}

/**
 * Middleware of `/login/<uid>`: a person chosen from the directory logs in without a password. Development only.
 *
 * @rule SMART standalone launch
 */
export function developmentLogin(
  provider: Provider,
  directory: Directory,
  audience: string,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${LOGIN_PATH}/`)) return next();
    ctx.set(PAGE_HEADERS);
    try {
      const interaction = await provider.interactionDetails(ctx.req, ctx.res);
      if (ctx.path !== `${LOGIN_PATH}/${interaction.uid}`)
        throw new errors.InvalidRequest('another login is under way');
      const app = directory.clients.find(
        (client) => client.clientId === interaction.params['client_id'],
      );
      if (app?.kind !== 'app') throw new errors.InvalidRequest('not an app');
      if (ctx.method === 'GET') {
        const { persons } = directory;
        const { scope, purpose } = asked(interaction);
        ctx.body = loginPage({
          ...{ app: app.name, persons },
          ...{ scopes: grantable(scope, app), purposes: purposesFor(purpose, undefined) },
        });
        return;
      }
      if (ctx.method !== 'POST') throw new errors.InvalidRequest('GET or POST', 405);
      const form = await readForm(ctx.req);
      const result = await answer({ provider, directory, audience }, { interaction, app, form });
      ctx.status = 303;
      ctx.set('Location', await provider.interactionResult(ctx.req, ctx.res, result));
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      ctx.status = error.statusCode;
      ctx.body = errorPage(error.error, error.error_description ?? '');
    }
  };
}

async function answer(
  { provider, directory, audience }: { provider: Provider; directory: Directory; audience: string },
  { interaction, app, form }: { interaction: Interaction; app: AppEntry; form: URLSearchParams },
): Promise<InteractionResults> {
  const denied = { error: 'access_denied', error_description: 'the login was not completed' };
  if (form.get('answer') === 'deny') return denied;
  const person = directory.persons.find(({ login }) => login === form.get('login'));
  if (person === undefined) throw new errors.InvalidRequest('no such person');
  const { scope, purpose } = asked(interaction);
  const purposes = purposesFor(purpose, person);

  const chosen = new Set(form.getAll('scope'));
  const grant = new provider.Grant({ accountId: person.login, clientId: app.clientId });
  for (const word of grantable(scope, app)) {
    if (chosen.has(word) && grantableBy(word, app, person).length > 0)
      grant.addResourceScope(audience, word);
    else grant.rejectResourceScope(audience, word);
  }
  if (grant.getResourceScope(audience) === '') return denied;
  grant.addOIDCScope(['openid', 'fhirUser']);
  grant.addResourceScope(PURPOSES, [...purposes]);
  return {
    login: { accountId: person.login, remember: false },
    consent: { grantId: await grant.save() },
  };
}

/** Claims of an ID token. */
export function account(
  person: PersonEntry,
  audience: string,
): { accountId: string; claims: () => { sub: string; fhirUser?: string } } {
  const user = person.practitioner ?? person.patient;
  return {
    accountId: person.login,
    claims: () => ({
      sub: person.login,
      ...(user === undefined ? {} : { fhirUser: `${audience}/${user}` }),
    }),
  };
}

function asked({ params }: Interaction): { scope: string | undefined; purpose: unknown } {
  const { scope } = params;
  return {
    scope: typeof scope === 'string' ? scope : undefined,
    purpose: params['purpose_of_use'],
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    throw new errors.InvalidRequest('a form is expected', 415);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new errors.InvalidRequest('the form is too large', 413);
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
