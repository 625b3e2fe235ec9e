import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  assertion,
  ASSERTION_TYPE,
  keys,
  post,
  requestToken,
  startAuthority,
  type Answer,
  type Authority,
} from '../support/authority.ts';
import { authorizeUrl, logIn, redeem, verifier } from '../support/login.ts';

describe('token introspection', () => {
  let authority: Authority;
  let systemToken: string;
  let patientToken: string;
  beforeAll(async () => {
    authority = await startAuthority();
    const { issuer } = authority;
    systemToken = String(
      (await requestToken(issuer, await assertion(issuer))).body['access_token'],
    );
    const secret = verifier();
    const { end } = await logIn(authority, authorizeUrl(authority, secret), {
      login: 'patient',
      scope: ['patient/*.rs', 'launch/patient'],
    });
    const code = end.searchParams.get('code') ?? '';
    patientToken = String(
      (await redeem(authority, { code, code_verifier: secret })).body['access_token'],
    );
  });
  afterAll(() => authority.close());

  const introspect = async (token: string | undefined, client = 'gateway'): Promise<Answer> =>
    await post(`${authority.issuer}/introspect`, {
      token,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(authority.issuer, {
        claims: { iss: client, sub: client },
        key: client === 'gateway' ? keys.other : keys.ec,
      }),
    });

  it('tells a resource server about an active token', async () => {
    const { status, body, headers } = await introspect(patientToken);
    assert.equal(status, 200);
    const { exp, iat, jti, ...rest } = body;
    assert.equal(Number(exp) - Number(iat), 300);
    assert.equal(typeof jti, 'string');
    assert.deepEqual(rest, {
      active: true,
      token_type: 'Bearer',
      scope: 'launch/patient patient/*.rs',
      client_id: 'app',
      sub: 'patient',
      iss: authority.issuer,
      aud: authority.audience,
      patient: 'demo-a',
      fhirUser: 'Patient/demo-a',
      purpose_of_use: ['TREAT'],
      fhir_role: 'patient',
      fhir_msp: 'HospitalMSP',
      fhir_organization: 'Organization/hospital',
    });
    assert.match(headers.get('cache-control') ?? '', /no-store/);
  });

  it('tells a client about its own tokens, and of others only that they are not', async () => {
    assert.equal((await introspect(systemToken, 'pharmacy-system')).body['active'], true);
    assert.deepEqual((await introspect(patientToken, 'pharmacy-system')).body, { active: false });
    assert.equal((await introspect(systemToken)).body['active'], true);
  });

  it('calls every other token inactive', async () => {
    const [head = '', body = '', signature = ''] = patientToken.split('.');
    const idToken = await assertion(authority.issuer);
    for (const token of [
      'nonsense',
      `${head}.${body}.`,
      `${head}.${body}x.${signature}`,
      idToken,
    ]) {
      const answer = await introspect(token);
      assert.deepEqual([answer.status, answer.body], [200, { active: false }], token.slice(0, 20));
    }
    assert.equal((await introspect(patientToken)).body['active'], true);
  });

  it('answers nobody who is not authenticated', async () => {
    const bare = await post(`${authority.issuer}/introspect`, { token: patientToken });
    assert.equal(bare.status, 400);
    assert.equal(bare.body['active'], undefined);
    const wrong = await post(`${authority.issuer}/introspect`, {
      token: patientToken,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(authority.issuer, { key: keys.other }),
    });
    assert.deepEqual([wrong.status, wrong.body['error']], [401, 'invalid_client']);
    const missing = await introspect(undefined);
    assert.deepEqual([missing.status, missing.body['error']], [400, 'invalid_request']);
    const app = await post(`${authority.issuer}/introspect`, {
      token: systemToken,
      client_id: 'app',
    });
    assert.deepEqual(app.body, { active: false });
  });
});
