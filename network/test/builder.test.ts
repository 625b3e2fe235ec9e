import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../builder/bin/', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'builder-'));
afterAll(() => rmSync(root, { recursive: true }));

const DIGEST = '0123456789abcdef'.repeat(4);
const CONNECTION = { address: '127.0.0.1:1', tls_required: true, client_auth_required: true };
const [source, metadata, output, release] = ['source', 'metadata', 'output', 'release'].map(
  (name) => join(root, name),
) as [string, string, string, string];

beforeEach(() => {
  for (const folder of [source, metadata, output, release]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
  }
  writeFileSync(join(source, 'connection.json'), JSON.stringify(CONNECTION));
  describePackage({ type: 'ccaas', label: 'chartseal_1', codeDigest: DIGEST });
});

const describePackage = (content: object) =>
  writeFileSync(join(metadata, 'metadata.json'), JSON.stringify(content, null, 2));

/** Runs a script with the few variables that a peer hands down. */
function run(script: string, args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(join(BIN, script), args, {
    env: { PATH: '/usr/bin:/bin', ...env },
    encoding: 'utf8',
  });
}

describe('builder', () => {
  it('detects packages of its type and no others', () => {
    assert.equal(run('detect', [source, metadata]).status, 0);
    describePackage({ type: 'node', label: 'x', codeDigest: DIGEST });
    assert.notEqual(run('detect', [source, metadata]).status, 0);
  });

  it('accepts a package that names the digest of its code', () => {
    const { status, stderr } = run('build', [source, metadata, output]);
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(readFileSync(join(output, 'connection.json'), 'utf8')), CONNECTION);
  });

  for (const codeDigest of [undefined, '', 'abc', DIGEST.toUpperCase(), `${DIGEST}00`, 7]) {
    it(`refuses a package whose codeDigest is ${JSON.stringify(codeDigest)}`, () => {
      describePackage({ type: 'ccaas', label: 'chartseal_1', codeDigest });
      const { status, stderr } = run('build', [source, metadata, output]);
      assert.equal(status, 1);
      assert.match(stderr, /package refused/);
    });
  }

  it('refuses a package without connection.json', () => {
    rmSync(join(source, 'connection.json'));
    assert.equal(run('build', [source, metadata, output]).status, 1);
  });

  it('adds the peer’s own TLS client identity on release, readable by its owner only', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nAA+/=\n-----END CERTIFICATE-----\n';
    const key = '-----BEGIN PRIVATE KEY-----\nBB+/=\n-----END PRIVATE KEY-----\n';
    writeFileSync(join(root, 'certificate.pem'), certificate);
    writeFileSync(join(root, 'key.pem'), key);
    assert.equal(run('build', [source, metadata, output]).status, 0);
    const { status, stderr } = run('release', [output, release], {
      CHAINCODE_CLIENT_CERT: join(root, 'certificate.pem'),
      CHAINCODE_CLIENT_KEY: join(root, 'key.pem'),
    });
    assert.equal(status, 0, stderr);
    const released = join(release, 'chaincode', 'server', 'connection.json');
    assert.deepEqual(JSON.parse(readFileSync(released, 'utf8')), {
      client_cert: certificate,
      client_key: key,
      ...CONNECTION,
    });
    assert.equal(statSync(released).mode & 0o077, 0);
  });

  it('does not release without a client identity', () => {
    assert.equal(run('build', [source, metadata, output]).status, 0);
    assert.notEqual(run('release', [output, release]).status, 0);
  });
});
