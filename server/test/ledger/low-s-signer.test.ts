import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { lowSSigner } from '../../src/ledger/fabric/low-s-signer.ts';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

describe('the signer of the server identity', () => {
  it('makes DER signatures that verify and whose S is low, 2,000 times', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sign = lowSSigner(privateKey);
    for (let i = 0; i < 2000; i += 1) {
      const message = randomBytes(40);
      const signature = Buffer.from(sign(message));
      assert.ok(verify('sha256', message, publicKey, signature), message.toString('hex'));
      assert.ok(!verify('sha256', randomBytes(40), publicKey, signature));
      const s = signature.subarray(4 + signature.readUInt8(3) + 2);
      assert.ok(BigInt(`0x${s.toString('hex')}`) <= ORDER / 2n);
    }
  });

  it('refuses a key of another curve', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    assert.throws(() => lowSSigner(privateKey), /P-256/);
  });
});
