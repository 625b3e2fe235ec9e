import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { chaincodePackage, type PackageParts } from '../src/chaincode/chaincode-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'chaincode-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PARTS: PackageParts = {
  chaincode: 'chartseal',
  codeDigest: 'ab'.repeat(32),
  address: '127.0.0.1:17053',
  tlsRoot: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
};

/** Unpacked by the system's tar, as the peer's own reader would. */
function unpack(content: Buffer): { metadata: unknown; connection: unknown } {
  writeFileSync(join(folder, 'package.tgz'), content);
  execFileSync('tar', ['xzf', 'package.tgz'], { cwd: folder });
  execFileSync('tar', ['xzf', 'code.tar.gz'], { cwd: folder });
  const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return { metadata: json('metadata.json'), connection: json('connection.json') };
}

describe('a chaincode package', () => {
  it('carries type, label and the digest of the code', () => {
    const { metadata } = unpack(chaincodePackage(PARTS).content);
    assert.deepEqual(metadata, {
      type: 'ccaas',
      label: `chartseal_${'ab'.repeat(8)}`,
      codeDigest: PARTS.codeDigest,
    });
  });

  it('demands TLS with client authentication and carries no key', () => {
    const { content } = chaincodePackage(PARTS);
    const { connection } = unpack(content);
    assert.deepEqual(connection, {
      address: '127.0.0.1:17053',
      dial_timeout: '10s',
      tls_required: true,
      client_auth_required: true,
      root_cert: PARTS.tlsRoot,
    });
  });

  it('is named by its own bytes', () => {
    const { id, label, content } = chaincodePackage(PARTS);
    assert.equal(id, `${label}:${createHash('sha256').update(content).digest('hex')}`);
  });

  it('has the same bytes each time', () => {
    assert.deepEqual(chaincodePackage(PARTS).content, chaincodePackage({ ...PARTS }).content);
  });

  it('has another name for other code, another address or another authority', () => {
    const { id } = chaincodePackage(PARTS);
    for (const other of [
      { codeDigest: 'cd'.repeat(32) },
      { address: '127.0.0.1:17054' },
      { tlsRoot: 'other' },
    ]) {
      assert.notEqual(chaincodePackage({ ...PARTS, ...other }).id, id);
    }
  });

  for (const codeDigest of ['', 'ab', 'AB'.repeat(32), 'zz'.repeat(32), `${'ab'.repeat(32)}\n`]) {
    it(`is not made for the digest ${JSON.stringify(codeDigest)}`, () => {
      assert.throws(() => chaincodePackage({ ...PARTS, codeDigest }), /64 hexadecimal digits/);
    });
  }
});
