import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { REDIRECT, startAuthority, type Answer, type Authority } from '../support/authority.ts';
import { authorizeUrl, Browser, challenge, logIn, redeem, verifier } from '../support/login.ts';

const PATIENT = { login: 'patient', scope: ['launch/patient', 'patient/*.rs', 'user/*.rs'] };
const DOCTOR = { login: 'doctor', scope: ['launch/patient', 'patient/*.rs', 'user/*.rs'] };

describe('development login', () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await startAuthority();
  });
  afterAll(() => authority.close());

  const codeFor = async (secret: string, form = PATIENT, deviation = {}): Promise<string> => {
    const { end } = await logIn(authority, authorizeUrl(authority, secret, deviation), form);
    assert.equal(`${end.origin}${end.pathname}`, REDIRECT);
    assert.equal(end.searchParams.get('state'), 'state');
    assert.equal(end.searchParams.get('iss'), authority.issuer);
    const code = end.searchParams.get('code');
    assert.ok(code, end.href);
    return code;
  };
  const tokenFor = async (form = PATIENT, deviation = {}): Promise<Answer> => {
    const secret = verifier();
    const code = await codeFor(secret, form, deviation);
    const answer = await redeem(authority, { code, code_verifier: secret });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer;
  };
  const refused = (answer: Answer, error = 'invalid_grant'): void => {
    assert.equal(answer.body['access_token'], undefined);
    assert.deepEqual([answer.status, answer.body['error']], [400, error]);
  };

  it('gives a patient a token for the own compartment', async () => {
    const { body, headers } = await tokenFor();
    const { iat = 0, exp = 0, jti, ...claims } = decodeJwt(String(body['access_token']));
    assert.ok(exp - iat <= 300);
    assert.ok(jti);
    assert.deepEqual(claims, {
      iss: authority.issuer,
      aud: authority.audience,
      sub: 'patient',
      client_id: 'app',
      scope: 'launch/patient patient/*.rs',
      fhir_role: 'patient',
      fhir_msp: 'HospitalMSP',
      fhir_organization: 'Organization/hospital',
      fhirUser: 'Patient/demo-a',
      patient: 'demo-a',
      purpose_of_use: ['TREAT'],
    });
    assert.equal(body['patient'], 'demo-a');
    assert.equal(body['expires_in'], 300);
    assert.equal(body['refresh_token'], undefined);
    assert.match(headers.get('cache-control') ?? '', /no-store/);
  });

  it('opens to a person the purposes that the directory names, and treatment where it names none', async () => {
    const page = async (form: typeof DOCTOR, purpose_of_use: string): Promise<string> =>
      (await logIn(authority, authorizeUrl(authority, verifier(), { purpose_of_use }), form)).page;
    await tokenFor(PATIENT, { purpose_of_use: 'ETREAT TREAT' });
    for (const code of ['HOPERAT', 'BTG', 'HRESCH', 'PATRQT']) {
      assert.match(await page(PATIENT, `TREAT ${code}`), new RegExp(`${code} is not open`));
    }
    assert.match(await page(DOCTOR, 'HOPERAT'), /HOPERAT is not open to this caller/);
  });

  it('gives a practitioner a token of the own scopes and purposes', async () => {
    const { body } = await tokenFor(DOCTOR, { purpose_of_use: 'BTG TREAT' });
    const claims = decodeJwt(String(body['access_token']));
    assert.equal(claims['scope'], 'user/*.rs');
    assert.equal(claims['fhirUser'], 'Practitioner/doctor');
    assert.equal(claims['patient'], undefined);
    assert.equal(body['patient'], undefined);
    assert.deepEqual(claims['purpose_of_use'], ['BTG', 'TREAT']);
  });

  it('signs an ID token that names the user', async () => {
    const { body } = await tokenFor(DOCTOR);
    const keys = createRemoteJWKSet(new URL(`${authority.issuer}/jwks`));
    const { payload } = await jwtVerify(String(body['id_token']), keys, {
      issuer: authority.issuer,
      audience: 'app',
      algorithms: ['RS256'],
    });
    assert.equal(payload.sub, 'doctor');
    assert.equal(payload['fhirUser'], `${authority.audience}/Practitioner/doctor`);
  });

  it('grants only the scopes that the person leaves ticked', async () => {
    const { body } = await tokenFor(
      { login: 'doctor', scope: ['user/Observation.rs'] },
      { scope: 'openid user/Observation.rs user/Patient.r' },
    );
    assert.equal(body['scope'], 'user/Observation.rs');
  });

  it('never lets the person widen what the app asked for', async () => {
    const { body } = await tokenFor(
      { login: 'doctor', scope: ['user/*.cruds', 'user/Patient.r'] },
      { scope: 'openid user/Patient.r' },
    );
    assert.equal(body['scope'], 'user/Patient.r');
  });

  it('is a page without scripts that nobody can frame, with names escaped', async () => {
    const browser = new Browser();
    const start = await browser.get(authorizeUrl(authority, verifier()));
    const page = await browser.get(
      new URL(start.headers.get('location') ?? '', authority.issuer).href,
    );
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    assert.match(String(page.body['text']), /An &#60;app&#62;/);
    assert.doesNotMatch(String(page.body['text']), /<app>|<script/);
    assert.ok(start.headers.getSetCookie().every((cookie) => /httponly/i.test(cookie)));
    assert.ok(start.headers.getSetCookie().every((cookie) => /samesite=lax/i.test(cookie)));
  });

  it('keeps nobody logged in: the next authorization asks again, and another person can answer', async () => {
    const browser = new Browser();
    const secret = verifier();
    const first = await logIn(authority, authorizeUrl(authority, secret), PATIENT, browser);
    assert.ok(first.end.searchParams.get('code'));
    const second = await logIn(authority, authorizeUrl(authority, secret), DOCTOR, browser);
    const answer = await redeem(authority, {
      code: second.end.searchParams.get('code') ?? '',
      code_verifier: secret,
    });
    assert.equal(decodeJwt(String(answer.body['access_token'])).sub, 'doctor');
  });

  const requests: Record<string, [Record<string, string | undefined>, string]> = {
    'no PKCE': [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    'no challenge': [{ code_challenge: undefined }, 'invalid_request'],
    'plain PKCE': [{ code_challenge_method: 'plain' }, 'invalid_request'],
    'a challenge without method': [{ code_challenge_method: undefined }, 'invalid_request'],
    'no aud': [{ aud: undefined }, 'invalid_request'],
    'another aud': [{ aud: 'https://elsewhere.example/fhir' }, 'invalid_request'],
    'another resource': [{ resource: 'https://elsewhere.example/fhir' }, 'invalid_target'],
    'an unknown purpose': [{ purpose_of_use: 'FUN' }, 'invalid_request'],
    'an implicit response': [{ response_type: 'token' }, 'unsupported_response_type'],
    'no person asked': [{ prompt: 'none' }, 'login_required'],
  };
  for (const [name, [deviation, error]] of Object.entries(requests)) {
    it(`refuses an authorization request with ${name}`, async () => {
      const { end } = await logIn(
        authority,
        authorizeUrl(authority, verifier(), deviation),
        PATIENT,
      );
      const { searchParams } = new URL(end.href.replace('#', '?'));
      assert.equal(searchParams.get('error'), error, end.href);
      assert.equal(searchParams.get('code'), null);
      await tokenFor();
    });
  }

  it('takes the resource indicator of RFC 8707 in the place of aud', async () => {
    await tokenFor(PATIENT, { aud: undefined, resource: authority.audience });
  });

  it('sends nobody to an address that is not registered', async () => {
    for (const redirect_uri of [
      'http://127.0.0.1:1/callback/',
      'http://127.0.0.1:2/callback',
      'http://127.0.0.1:1/callback?x=1',
      'http://127.0.0.1:1@elsewhere.example/callback',
      'https://elsewhere.example/callback',
    ]) {
      const answer = await new Browser().get(authorizeUrl(authority, verifier(), { redirect_uri }));
      assert.equal(answer.status, 400, redirect_uri);
      assert.equal(answer.headers.get('location'), null);
    }
    const missing = await new Browser().get(
      authorizeUrl(authority, verifier(), { redirect_uri: undefined }),
    );
    assert.deepEqual([missing.status, missing.headers.get('location')], [400, null]);
    await tokenFor();
  });

  it('redeems a code only with its verifier', async () => {
    const secret = verifier();
    const attempts: Record<string, string | undefined> = {
      none: undefined,
      blank: '',
      wrong: verifier(),
      'equal to the challenge': challenge(secret),
      'too short': 'abc',
    };
    for (const [name, code_verifier] of Object.entries(attempts)) {
      const code = await codeFor(secret);
      const answer = await redeem(authority, { code, code_verifier });
      assert.equal(answer.status, 400, name);
      assert.equal(answer.body['access_token'], undefined);
    }
    const code = await codeFor(secret);
    assert.equal((await redeem(authority, { code, code_verifier: secret })).status, 200);
  });

  it('redeems a code once, also when tried at once and after a restart', async () => {
    const secret = verifier();
    const code = await codeFor(secret);
    const form = { code, code_verifier: secret };
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(authority, form)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    refused(await redeem(authority, form));
    await authority.restart();
    refused(await redeem(authority, form));
  });

  it('redeems a code for the same client and address only', async () => {
    const secret = verifier();
    const code = await codeFor(secret);
    const form = { code, code_verifier: secret };
    refused(await redeem(authority, { ...form, redirect_uri: 'http://127.0.0.1:2/callback' }));
    const stranger = await redeem(authority, { ...form, client_id: 'pharmacy-system' });
    assert.deepEqual([stranger.status, stranger.body['error']], [401, 'invalid_client']);
    refused(await redeem(authority, { ...form, code: `${code.slice(0, -1)}_` }));
    assert.equal((await redeem(authority, form)).status, 200);
  });

  it('refuses a login that was cancelled, names nobody, or grants nothing', async () => {
    const url = authorizeUrl(authority, verifier());
    for (const form of [
      { answer: 'deny', login: 'patient', scope: ['patient/*.rs'] },
      { login: 'patient', scope: [] },
      { login: 'patient', scope: ['user/*.rs'] },
    ]) {
      const { end } = await logIn(authority, url, form);
      assert.equal(end.searchParams.get('error'), 'access_denied');
      assert.equal(end.searchParams.get('code'), null);
    }
    for (const login of ['nobody', '', 'constructor']) {
      const { end, page } = await logIn(authority, url, { login, scope: ['patient/*.rs'] });
      assert.match(page, /no such person/);
      assert.equal(end.searchParams.get('code'), null);
    }
  });

  it('takes an answer only from the browser that was asked', async () => {
    const asked = new Browser();
    const start = await asked.get(authorizeUrl(authority, verifier()));
    const page = new URL(start.headers.get('location') ?? '', authority.issuer).href;
    assert.equal((await new Browser().post(page, PATIENT)).status, 400);
    assert.equal((await asked.post(`${authority.issuer}/login/another`, PATIENT)).status, 400);
    assert.equal((await asked.post(page, PATIENT)).status, 303);
    assert.deepEqual(authority.faults, []);
  });
});

describe('without development', () => {
  it('nobody can log in', async () => {
    const authority = await startAuthority({ development: false });
    try {
      const answer = await new Browser().get(authorizeUrl(authority, verifier()));
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('location'), null);
      assert.equal((await new Browser().get(`${authority.issuer}/login/x`)).status, 404);
    } finally {
      await authority.close();
    }
  });
});
