import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { loadDirectory, parseDirectory } from '../../../src/auth/provider/directory.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const jwks = { keys: [pair.publicKey.export({ format: 'jwk' })] };
const backend = {
  kind: 'backend',
  clientId: 'system',
  name: 'System',
  role: 'system',
  msp: 'HospitalMSP',
  organization: 'Organization/hospital',
  jwks,
  scopes: ['system/*.cruds'],
};
const app = {
  kind: 'app',
  clientId: 'app',
  name: 'App',
  redirectUris: ['https://app.example/callback'],
  scopes: ['patient/*.rs'],
};
const person = {
  login: 'patient',
  name: 'Patient',
  role: 'patient',
  msp: 'HospitalMSP',
  organization: 'Organization/hospital',
  patient: 'Patient/demo-a',
  scopes: ['patient/*.rs'],
};
const directory = { clients: [backend, app], persons: [person] };

describe('the directory', () => {
  it('is what the file says', () => {
    assert.deepEqual(parseDirectory(directory), directory);
    const full = { clients: [{ ...backend, introspects: true, purposes: ['TREAT'] }], persons: [] };
    assert.deepEqual(parseDirectory(full), full);
  });

  const client = (changes: object): unknown => ({
    clients: [{ ...backend, ...changes }],
    persons: [],
  });
  const user = (changes: object): unknown => ({
    clients: [],
    persons: [{ ...person, ...changes }],
  });
  const wrong: [string, unknown, RegExp][] = [
    ['no object', [], /directory must be an object/],
    ['a missing list', { clients: [] }, /directory\.persons must be present/],
    ['an unknown member', { ...directory, extra: 1 }, /directory has an unknown member: extra/],
    [
      'an unknown member of a client',
      client({ secret: 'x' }),
      /clients\[0\] has an unknown member: secret/,
    ],
    ['an unknown kind', client({ kind: 'service' }), /clients\[0\]\.kind/],
    ['an unknown role', client({ role: 'king' }), /clients\[0\]\.role/],
    ['an empty msp', client({ msp: '' }), /clients\[0\]\.msp/],
    ['an organisation that is no reference', client({ organization: 'hospital' }), /organization/],
    [
      'a client without keys',
      client({ jwks: { keys: [] } }),
      /jwks\.keys must be an array of 1 to/,
    ],
    ['a client with jwks missing', client({ jwks: undefined }), /jwks must be present/],
    ['a client whose jwks is a list', client({ jwks: [] }), /jwks must be an object/],
    [
      'a private key',
      client({ jwks: { keys: [pair.privateKey.export({ format: 'jwk' })] } }),
      /holds a private key/,
    ],
    [
      'a shared secret',
      client({ jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }),
      /keys\[0\] must be a key of RSA/,
    ],
    [
      'a backend with user scopes',
      client({ scopes: ['user/*.rs'] }),
      /scopes\[0\] must be a system scope/,
    ],
    [
      'a scope out of order',
      client({ scopes: ['system/*.sr'] }),
      /scopes\[0\] must be a system scope/,
    ],
    ['an unknown purpose', client({ purposes: ['FUN'] }), /purposes/],
    ['no purpose', client({ purposes: [] }), /purposes/],
    [
      'a client twice',
      { clients: [backend, backend], persons: [] },
      /clientId system is used twice/,
    ],
    ['a person twice', { clients: [], persons: [person, person] }, /login patient is used twice/],
    [
      'a person with system scopes',
      user({ scopes: ['system/*.rs'] }),
      /scopes\[0\] must be a patient or user scope/,
    ],
    ['a patient without patient', user({ patient: undefined }), /belong together/],
    ['a doctor who is a patient', user({ role: 'practitioner' }), /belong together/],
    [
      'a patient that is no reference',
      user({ patient: 'demo-a' }),
      /patient must be a reference Patient/,
    ],
    [
      'a name with line breaks',
      user({ name: 'a\nb' }),
      /persons\[0\]\.name must be a text of 1 to 200/,
    ],
    [
      'an app without address',
      { clients: [{ ...app, redirectUris: [] }], persons: [] },
      /redirectUris must be an array of 1 to/,
    ],
    [
      'an app with a role',
      { clients: [{ ...app, role: 'admin' }], persons: [] },
      /has an unknown member: role/,
    ],
  ];
  for (const [name, value, words] of wrong) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseDirectory(JSON.parse(JSON.stringify(value))), words);
    });
  }

  it('names the file that is not usable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'directory-'));
    const path = join(folder, 'directory.json');
    assert.throws(() => loadDirectory(path), /directory\.json.*ENOENT/);
    writeFileSync(path, '{');
    assert.throws(() => loadDirectory(path), /directory\.json\) is not usable/);
    writeFileSync(path, JSON.stringify(directory));
    assert.deepEqual(loadDirectory(path), directory);
    rmSync(folder, { recursive: true });
  });
});
