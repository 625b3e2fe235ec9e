import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from '@jest/globals';
import { calculateJwkThumbprint, SignJWT, type JWK } from 'jose';
import { FhirError } from '../../src/fhir/errors.ts';
import { createTokenVerifier, type TokenVerifierOptions } from '../../src/auth/token.ts';

const issuer = 'https://hospital.example/auth';
const audience = 'https://hospital.example/fhir';
const NOW = 1_800_000_000;

const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicJwk = ours.publicKey.export({ format: 'jwk' }) as JWK;
const jwks = {
  keys: [{ ...publicJwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(publicJwk) }],
};

const good = {
  iss: issuer,
  aud: audience,
  sub: 'doctor',
  client_id: 'app',
  jti: 'x1',
  iat: NOW - 10,
  exp: NOW + 200,
  scope: 'openid user/*.rs',
  fhir_role: 'practitioner',
  fhir_msp: 'HospitalMSP',
  fhir_organization: 'Organization/hospital',
  fhirUser: 'Practitioner/doctor',
  purpose_of_use: ['TREAT'],
};

interface Deviation {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: KeyObject | Uint8Array;
}

async function token({ claims, header, key }: Deviation = {}): Promise<string> {
  return await new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
    .sign(key ?? ours.privateKey);
}

function verifier(options: Partial<TokenVerifierOptions> = {}) {
  return createTokenVerifier({
    issuer,
    audience,
    keys: { jwks },
    clock: () => NOW * 1000,
    ...options,
  });
}

const login = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof FhirError, String(error));
  assert.equal(error.code, 'login');
  assert.match(error.message, words);
  return true;
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token verifier', () => {
  it('names the caller', async () => {
    const principal = await verifier().verify(`Bearer ${await token()}`);
    assert.deepEqual(principal, {
      client: 'app',
      subject: 'doctor',
      role: 'practitioner',
      msp: 'HospitalMSP',
      organization: 'Organization/hospital',
      practitioner: 'Practitioner/doctor',
      scopes: [{ context: 'user', type: '*', permissions: new Set(['r', 's']), query: '' }],
      purposes: ['TREAT'],
      expires: NOW + 200,
    });
  });

  it('takes the scheme in any case, and a patient as id or reference', async () => {
    for (const patient of ['demo-a', 'Patient/demo-a']) {
      const claims = { fhir_role: 'patient', fhirUser: `${audience}/Patient/demo-a`, patient };
      const principal = await verifier().verify(`bearer ${await token({ claims })}`);
      assert.equal(principal.patient, 'Patient/demo-a');
      assert.equal(principal.practitioner, undefined);
    }
  });

  it('assumes treatment when no purpose is stated', async () => {
    const { purposes } = await verifier().verify(
      `Bearer ${await token({ claims: { purpose_of_use: undefined } })}`,
    );
    assert.deepEqual(purposes, ['TREAT']);
  });

  it('asks for a token', async () => {
    for (const header of [undefined, '']) {
      await assert.rejects(verifier().verify(header), login(/required/));
    }
  });

  it('refuses what is no bearer token', async () => {
    const text = await token();
    for (const header of [
      text,
      'Bearer',
      'Bearer ',
      'Bearer x',
      'Bearer a.b',
      'Bearer a.b.c.d',
      `Basic ${text}`,
      `DPoP ${text}`,
      `Bearer ${text} ${text}`,
      `Bearer ${text}, Bearer ${text}`,
      `Bearer ${text}\u0000`,
      `Bearer ${text}=`,
      `Bearer ${'a'.repeat(9000)}.b.c`,
    ]) {
      await assert.rejects(verifier().verify(header), login(/well-formed/), header.slice(0, 40));
    }
  });

  const vectors: Record<string, Deviation> = {
    'of another issuer': { claims: { iss: 'https://pharmacy.example/auth' } },
    'of an issuer with a slash': { claims: { iss: `${issuer}/` } },
    'without issuer': { claims: { iss: undefined } },
    'for another audience': { claims: { aud: 'https://pharmacy.example/fhir' } },
    'for us and a stranger': { claims: { aud: [audience, 'https://elsewhere.example'] } },
    'without audience': { claims: { aud: undefined } },
    'without expiry': { claims: { exp: undefined } },
    'without time of issue': { claims: { iat: undefined } },
    'without jti': { claims: { jti: undefined } },
    'without subject': { claims: { sub: undefined } },
    'without client': { claims: { client_id: undefined } },
    'that lives an hour': { claims: { iat: NOW - 10, exp: NOW + 3590 } },
    'that lives 301 seconds': { claims: { iat: NOW - 10, exp: NOW + 291 } },
    'issued in the future': { claims: { iat: NOW + 60, exp: NOW + 120 } },
    'not valid yet': { claims: { nbf: NOW + 60 } },
    'bound to a key': { claims: { cnf: { jkt: 'x' } } },
    'with typ JWT': { header: { typ: 'JWT' } },
    'without typ': { header: { typ: undefined } },
    'that is an ID token': { header: { typ: undefined, alg: 'RS256' }, key: rsa.privateKey },
    'signed by another key': { key: theirs.privateKey },
    'signed by another key under our kid': {
      key: theirs.privateKey,
      header: { kid: jwks.keys[0]?.kid },
    },
    'with an unknown kid': { header: { kid: 'nobody' } },
    'with RS256': { key: rsa.privateKey, header: { alg: 'RS256' } },
    'with HS256 of our public key': {
      key: Buffer.from(ours.publicKey.export({ type: 'spki', format: 'pem' })),
      header: { alg: 'HS256' },
    },
    'with a jku': { header: { jku: 'https://elsewhere.example/jwks' }, key: theirs.privateKey },
    'with a jwk of its own': {
      header: { jwk: theirs.publicKey.export({ format: 'jwk' }) },
      key: theirs.privateKey,
    },
    'with an unknown role': { claims: { fhir_role: 'king' } },
    'without role': { claims: { fhir_role: undefined } },
    'without organisation': { claims: { fhir_organization: undefined } },
    'with an absolute organisation': {
      claims: { fhir_organization: 'https://x.example/Organization/1' },
    },
    'with an empty msp': { claims: { fhir_msp: '' } },
    'without scope': { claims: { scope: undefined } },
    'with a scope list': { claims: { scope: ['user/*.rs'] } },
    'of a patient without patient': { claims: { fhir_role: 'patient', fhirUser: undefined } },
    'of a patient who is a practitioner': { claims: { fhir_role: 'patient' } },
    'of two patients': { claims: { fhir_role: 'patient', fhirUser: 'Patient/a', patient: 'b' } },
    'with a patient that is a path': { claims: { patient: 'a/../b' } },
    'with a foreign user': {
      claims: { fhirUser: 'https://elsewhere.example/Practitioner/doctor' },
    },
    'with a user of another kind': { claims: { fhirUser: 'Device/1' } },
    'with an unknown purpose': { claims: { purpose_of_use: ['TREAT', 'FUN'] } },
    'with no purpose in the list': { claims: { purpose_of_use: [] } },
  };
  for (const [name, deviation] of Object.entries(vectors)) {
    it(`refuses a token ${name}`, async () => {
      const subject = verifier();
      await assert.rejects(
        subject.verify(`Bearer ${await token(deviation)}`),
        login(/not valid for this server/),
      );
      await subject.verify(`Bearer ${await token()}`);
    });
  }

  it('refuses an expired token, also one that it has seen before', async () => {
    let now = NOW;
    const subject = verifier({ clock: () => now * 1000 });
    const header = `Bearer ${await token()}`;
    await subject.verify(header);
    now = NOW + 199;
    await subject.verify(header);
    now = NOW + 200;
    await assert.rejects(subject.verify(header), login(/expired/));
    await assert.rejects(subject.verify(header), login(/expired/));
    await assert.rejects(verifier({ clock: () => now * 1000 }).verify(header), login(/expired/));
  });

  it('tells a stranger nothing about expiry', async () => {
    const foreign = await token({
      key: theirs.privateKey,
      claims: { iat: NOW - 300, exp: NOW - 10 },
    });
    await assert.rejects(
      verifier().verify(`Bearer ${foreign}`),
      login(/not valid for this server/),
    );
  });

  it('refuses alg none and every change of a byte', async () => {
    const text = await token();
    const [head = '', body = '', signature = ''] = text.split('.');
    const none = encode({ alg: 'none', typ: 'at+jwt' });
    const changed = encode({ ...good, scope: 'user/*.cruds' });
    const subject = verifier();
    await subject.verify(`Bearer ${text}`);
    await assert.rejects(subject.verify(`Bearer ${none}.${body}.`), login(/well-formed|not valid/));
    await assert.rejects(subject.verify(`Bearer ${none}.${body}.${signature}`), login(/not valid/));
    await assert.rejects(
      subject.verify(`Bearer ${head}.${changed}.${signature}`),
      login(/not valid/),
    );
    for (let at = 0; at < text.length; at += 7) {
      if (text[at] === '.') continue;
      // The last letter of a part has spare bits, so change it by more than those.
      const other = text[at] === 'Q' ? 'x' : 'Q';
      const altered = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
      await assert.rejects(subject.verify(`Bearer ${altered}`), login(/not valid/), `byte ${at}`);
    }
  });

  it('remembers a bounded number of tokens', async () => {
    const subject = verifier({ cacheSize: 2 });
    const headers = await Promise.all(
      ['a', 'b', 'c'].map(async (jti) => `Bearer ${await token({ claims: { jti } })}`),
    );
    // One after the other, so that it is known which of them is the oldest.
    const first = [];
    for (const header of headers) first.push(await subject.verify(header));
    const again = await subject.verify(headers[2]);
    assert.equal(again, first[2]);
    const evicted = await subject.verify(headers[0]);
    assert.notEqual(evicted, first[0]);
    assert.deepEqual(evicted, first[0]);
  });

  it("fetches an external issuer's keys, and says when it cannot", async () => {
    let up = true;
    const server = createServer((_request, response) => {
      response.writeHead(up ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify(jwks));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    try {
      const external = verifier({ keys: { jwksUrl } });
      await external.verify(`Bearer ${await token()}`);
      await assert.rejects(
        external.verify(`Bearer ${await token({ key: theirs.privateKey })}`),
        login(/not valid/),
      );
      up = false;
      await assert.rejects(verifier({ keys: { jwksUrl } }).verify(`Bearer ${await token()}`), {
        code: 'unavailable',
      });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await assert.rejects(verifier({ keys: { jwksUrl } }).verify(`Bearer ${await token()}`), {
      code: 'unavailable',
    });
  });
});
