import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  assertion,
  keys,
  post,
  requestToken,
  rsaPublicPem,
  seconds,
  startAuthority,
  type Answer,
  type Assertion,
  type Authority,
} from '../support/authority.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('SMART backend services', () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await startAuthority();
  });
  afterAll(() => authority.close());

  const ask = async (deviation?: Assertion): Promise<Answer> =>
    await requestToken(authority.issuer, await assertion(authority.issuer, deviation));
  const refused = (answer: Answer, status = 401, error = 'invalid_client'): void => {
    assert.equal(answer.body['access_token'], undefined);
    assert.deepEqual([answer.status, answer.body['error']], [status, error]);
  };
  const granted = (answer: Answer): string => {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return String(answer.body['access_token']);
  };

  it('gives a short-lived JWT access token that says who is calling', async () => {
    const answer = await ask();
    const token = granted(answer);
    assert.deepEqual(decodeProtectedHeader(token), {
      alg: 'ES256',
      typ: 'at+jwt',
      kid: authority.provider.publicKeys.keys[0]?.kid,
    });
    const { iat = 0, exp = 0, jti, ...claims } = decodeJwt(token);
    assert.ok(exp - iat <= 300);
    assert.equal(typeof jti, 'string');
    assert.deepEqual(claims, {
      iss: authority.issuer,
      aud: authority.audience,
      sub: 'pharmacy-system',
      client_id: 'pharmacy-system',
      scope: 'system/*.rs',
      fhir_role: 'pharmacist',
      fhir_msp: 'PharmacyMSP',
      fhir_organization: 'Organization/pharmacy',
      purpose_of_use: ['TREAT'],
    });
    assert.deepEqual(
      [answer.body['token_type'], answer.body['expires_in'], answer.body['scope']],
      ['Bearer', 300, 'system/*.rs'],
    );
    assert.equal(answer.body['refresh_token'], undefined);
    assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
  });

  const accepted: Record<string, Assertion> = {
    RS384: { key: keys.rsa, header: { alg: 'RS384' } },
    ES384: { key: keys.ec },
    'no typ': { header: { typ: undefined } },
    'aud as a list of one': { claims: { aud: ['AUD'] } },
    'no iat': { claims: { iat: undefined } },
  };
  for (const [name, deviation] of Object.entries(accepted)) {
    it(`accepts ${name}`, async () => {
      const { aud } = deviation.claims ?? {};
      const claims = aud === undefined ? {} : { aud: [`${authority.issuer}/token`] };
      granted(await ask({ ...deviation, claims: { ...deviation.claims, ...claims } }));
    });
  }

  const vectors: Record<string, () => Assertion> = {
    'aud of the issuer': () => ({ claims: { aud: authority.issuer } }),
    'aud of the FHIR base': () => ({ claims: { aud: authority.audience } }),
    'aud with a stranger': () => ({
      claims: { aud: [`${authority.issuer}/token`, 'https://elsewhere.example'] },
    }),
    'aud with a slash too many': () => ({ claims: { aud: `${authority.issuer}/token/` } }),
    'no aud': () => ({ claims: { aud: undefined } }),
    'exp in an hour': () => ({ claims: { exp: seconds() + 3600 } }),
    'exp in six minutes': () => ({ claims: { exp: seconds() + 360 } }),
    'exp a minute ago': () => ({ claims: { exp: seconds() - 60 } }),
    'no exp': () => ({ claims: { exp: undefined } }),
    'exp as text': () => ({ claims: { exp: String(seconds() + 200) } }),
    'iat in the future': () => ({ claims: { iat: seconds() + 120 } }),
    'nbf in the future': () => ({ claims: { nbf: seconds() + 120 } }),
    'no jti': () => ({ claims: { jti: undefined } }),
    'jti that is a number': () => ({ claims: { jti: 7 } }),
    'a foreign jku': () => ({ header: { jku: 'https://elsewhere.example/jwks.json' } }),
    'a key of its own': () => ({ header: { jwk: { kty: 'EC' } } }),
    'an x5u': () => ({ header: { x5u: 'https://elsewhere.example/cert' } }),
    'typ at+jwt': () => ({ header: { typ: 'at+jwt' } }),
    'the wrong key': () => ({ key: keys.other }),
    'another kid': () => ({ header: { kid: 'nobody' } }),
    'no sub': () => ({ claims: { sub: undefined } }),
    'no iss': () => ({ claims: { iss: undefined } }),
    'iss of another client': () => ({ claims: { iss: 'gateway' } }),
    'sub of another client': () => ({ claims: { sub: 'gateway' } }),
    'an unknown client': () => ({ claims: { iss: 'nobody', sub: 'nobody' } }),
    'the id of an app': () => ({ claims: { iss: 'app', sub: 'app' } }),
    RS256: () => ({ key: keys.rsa, header: { alg: 'RS256' } }),
    PS384: () => ({ key: keys.rsa, header: { alg: 'PS384' } }),
    'HS384 keyed with the public key': () => ({
      key: Buffer.from(rsaPublicPem),
      header: { alg: 'HS384' },
    }),
  };
  for (const [name, deviation] of Object.entries(vectors)) {
    it(`refuses an assertion with ${name}`, async () => {
      const answer = await ask(deviation());
      assert.equal(answer.body['access_token'], undefined);
      // Without a subject there is no telling whose authentication failed.
      if (name !== 'no sub') refused(answer);
      granted(await ask());
    });
  }

  it('refuses an assertion with a critical header it does not know', async () => {
    refused(
      await requestToken(
        authority.issuer,
        await signedByHand(authority.issuer, { crit: ['x'], x: 1 }),
      ),
    );
    granted(await requestToken(authority.issuer, await signedByHand(authority.issuer, {})));
  });

  it('refuses alg none, with and without the old signature', async () => {
    const good = await assertion(authority.issuer);
    const [, payload, signature] = good.split('.');
    const none = encode({ alg: 'none', typ: 'JWT' });
    refused(await requestToken(authority.issuer, `${none}.${payload ?? ''}.`));
    refused(await requestToken(authority.issuer, `${none}.${payload ?? ''}.${signature ?? ''}`));
    granted(await requestToken(authority.issuer, good));
  });

  it('refuses changed claims under the old signature', async () => {
    const [head, payload, signature] = (await assertion(authority.issuer)).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
    const changed = encode({ ...claims, exp: seconds() + 250 });
    refused(await requestToken(authority.issuer, `${head ?? ''}.${changed}.${signature ?? ''}`));
  });

  it('refuses what is not a JWT', async () => {
    for (const text of ['', 'x', 'a.b.c', '....', 'e30.e30.e30']) {
      const answer = await requestToken(authority.issuer, text);
      assert.ok(answer.status === 400 || answer.status === 401, text);
      assert.equal(answer.body['access_token'], undefined);
    }
  });

  it('takes an assertion once, also when signed again and after a restart', async () => {
    const jti = 'once-only';
    const first = await assertion(authority.issuer, { claims: { jti } });
    granted(await requestToken(authority.issuer, first));
    refused(await requestToken(authority.issuer, first));
    refused(await ask({ claims: { jti, exp: seconds() + 200 } }));
    await authority.restart();
    refused(await requestToken(authority.issuer, first));
    refused(await ask({ claims: { jti, exp: seconds() + 200 } }));
    granted(await ask());
  });

  it('lets exactly one of twenty simultaneous replays through', async () => {
    const signed = await assertion(authority.issuer);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => requestToken(authority.issuer, signed)),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status }) => status === 401).length, 19);
  });

  it('keeps the same jti of two clients apart', async () => {
    const jti = 'shared';
    granted(await ask({ claims: { jti } }));
    granted(
      await requestToken(
        authority.issuer,
        await assertion(authority.issuer, {
          key: keys.other,
          claims: { jti, iss: 'gateway', sub: 'gateway' },
        }),
      ),
    );
  });

  it('refuses parameters given twice', async () => {
    for (const name of ['client_assertion', 'grant_type', 'scope', 'purpose_of_use']) {
      const signed = await assertion(authority.issuer);
      const form: Record<string, readonly string[]> = {
        client_assertion: [signed, signed],
        grant_type: ['client_credentials', 'client_credentials'],
        scope: ['system/*.rs', 'system/*.cruds'],
        purpose_of_use: ['TREAT', 'BTG'],
      };
      refused(
        await requestToken(authority.issuer, signed, { [name]: form[name] }),
        400,
        'invalid_request',
      );
    }
  });

  it('refuses other grant types and assertion types', async () => {
    const other = async (form: Record<string, string>): Promise<Answer> =>
      await requestToken(authority.issuer, await assertion(authority.issuer), form);
    refused(await other({ grant_type: 'password' }), 400, 'unsupported_grant_type');
    refused(await other({ grant_type: 'refresh_token' }), 400, 'unsupported_grant_type');
    refused(await other({ grant_type: 'authorization_code' }), 400, 'invalid_request');
    refused(
      await other({ client_assertion_type: 'not_an_assertion_type' }),
      400,
      'invalid_request',
    );
  });

  it('grants what the registration covers and no more', async () => {
    const scope = async (text: string): Promise<Answer> =>
      await requestToken(authority.issuer, await assertion(authority.issuer), { scope: text });
    assert.equal((await scope('system/Observation.rs')).body['scope'], 'system/Observation.rs');
    assert.equal(
      (await scope('system/*.cruds system/Patient.r user/*.rs openid system/*.sr')).body['scope'],
      'system/Patient.r',
    );
    assert.equal(
      (await scope('system/Observation.rs?category=laboratory')).body['scope'],
      'system/Observation.rs?category=laboratory',
    );
    refused(await scope('system/*.cruds'), 400, 'invalid_scope');
    refused(await scope('patient/*.rs'), 400, 'invalid_scope');
    const none = await requestToken(authority.issuer, await assertion(authority.issuer), {
      scope: undefined,
    });
    refused(none, 400, 'invalid_scope');
  });

  it('makes tokens for our FHIR base only', async () => {
    const target = async (resource: string): Promise<Answer> =>
      await requestToken(authority.issuer, await assertion(authority.issuer), { resource });
    refused(await target('https://elsewhere.example/fhir'), 400, 'invalid_target');
    granted(await target(authority.audience));
  });

  it('states purposes of use that the directory names, and treatment where it names none', async () => {
    const purpose = async (text: string, client = 'pharmacy-system'): Promise<Answer> =>
      await requestToken(
        authority.issuer,
        await assertion(authority.issuer, {
          claims: { iss: client, sub: client },
          key: client === 'gateway' ? keys.other : keys.ec,
        }),
        { purpose_of_use: text },
      );
    const stated = (answer: Answer): unknown => decodeJwt(granted(answer))['purpose_of_use'];
    assert.deepEqual(stated(await purpose('ETREAT TREAT')), ['ETREAT', 'TREAT']);
    assert.deepEqual(stated(await purpose('')), ['TREAT']);
    assert.deepEqual(stated(await purpose('', 'gateway')), ['HOPERAT']);
    assert.deepEqual(stated(await purpose('TREAT HOPERAT', 'gateway')), ['TREAT', 'HOPERAT']);
    for (const code of ['HOPERAT', 'HPAYMT', 'HRESCH', 'PATRQT', 'BTG']) {
      refused(await purpose(code), 400, 'invalid_request');
      refused(await purpose(`TREAT ${code}`), 400, 'invalid_request');
    }
    refused(await purpose('FUN'), 400, 'invalid_request');
    refused(await purpose('TREAT FUN'), 400, 'invalid_request');
    refused(await purpose('HRESCH', 'gateway'), 400, 'invalid_request');
  });

  it('keeps its keys in a file nobody else reads, across restarts', async () => {
    const path = join(authority.folder, 'keys.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const before = readFileSync(path, 'utf8');
    await authority.restart();
    assert.equal(readFileSync(path, 'utf8'), before);
    assert.ok(authority.provider.publicKeys.keys.every((key) => key.d === undefined));
  });

  it('publishes public keys only', async () => {
    const response = await fetch(`${authority.issuer}/jwks`);
    const { keys: published } = (await response.json()) as { keys: Record<string, unknown>[] };
    assert.equal(published.length, 2);
    for (const key of published)
      for (const secret of ['d', 'p', 'q']) assert.equal(key[secret], undefined);
  });

  it('answers a body that is no form or too large with 4xx', async () => {
    const json = await fetch(`${authority.issuer}/token`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(json.status, 400);
    assert.equal((await post(`${authority.issuer}/token`, { a: 'x'.repeat(70_000) })).status, 400);
    assert.deepEqual(authority.faults, []);
  });
});

/** jose refuses to sign an unknown `crit`, so this one is made by hand. */
async function signedByHand(issuer: string, header: object): Promise<string> {
  const [, payload = ''] = (await assertion(issuer)).split('.');
  const input = `${encode({ alg: 'ES384', ...header })}.${payload}`;
  const signature = sign('sha384', Buffer.from(input), { key: keys.ec, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
