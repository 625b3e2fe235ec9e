import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { memberOf } from '../../src/fabric/identity.ts';
import { signedBy } from '../../src/fabric/signature.ts';
import { issue, makeAuthority, signEcdsa } from '../support/certificate.ts';
import { identity, makeNetwork } from '../support/synthetic-fabric.ts';

const { anchors, organisations } = makeNetwork();
const { authority } = organisations['HospitalMSP']!;
const member = (name: string, units: string[]) =>
  memberOf(identity('HospitalMSP', issue(authority, name, units)), anchors);

describe('memberOf', () => {
  it('reads the organisational units, and no others out of a name', () => {
    assert.deepEqual(member('peer0', ['peer', 'records']).units, ['peer', 'records']);
    assert.deepEqual(member('mallory + OU=peer', ['client']).units, ['client']);
    assert.deepEqual(member('mallory\nOU=peer', ['client']).units, ['client']);
    assert.deepEqual(member('mallory', []).units, []);
  });

  it('refuses a certificate of an authority of the same name', () => {
    const impostor = makeAuthority('ca.HospitalMSP');
    assert.equal(member('peer0', ['peer']).msp, 'HospitalMSP');
    assert.throws(
      () => memberOf(identity('HospitalMSP', issue(impostor, 'peer0', ['peer'])), anchors),
      /not issued/,
    );
  });

  it('refuses a certificate that a member issued', () => {
    const { peer } = organisations['HospitalMSP']!;
    const name = makeAuthority('peer0').name;
    const issued = issue({ ...peer, name }, 'deputy', ['peer']);
    assert.throws(() => memberOf(identity('HospitalMSP', issued), anchors), /not issued/);
    assert.equal(memberOf(identity('HospitalMSP', peer), anchors).msp, 'HospitalMSP');
  });

  it('refuses what is no certificate', () => {
    const none = { ...organisations['HospitalMSP']!.peer, certificate: 'none' };
    assert.throws(() => memberOf(identity('HospitalMSP', none), anchors), /cannot be read/);
  });
});

describe('signedBy', () => {
  const { peer } = organisations['HospitalMSP']!;
  const { certificate } = memberOf(identity('HospitalMSP', peer), anchors);
  const data = Buffer.from('data');

  it('accepts one of the two forms of an ECDSA signature', () => {
    assert.ok(signedBy(certificate.publicKey, data, signEcdsa(data, peer.key)));
    assert.equal(signedBy(certificate.publicKey, data, signEcdsa(data, peer.key, 'upper')), false);
  });

  it('refuses other data and what is no signature', () => {
    const signature = signEcdsa(data, peer.key);
    assert.ok(signedBy(certificate.publicKey, data, signature));
    for (const [what, given] of [
      [Buffer.from('date'), signature],
      [data, Buffer.alloc(0)],
      [data, Buffer.concat([signature, Buffer.of(0)])],
      [data, Buffer.alloc(70)],
    ] as const) {
      assert.equal(signedBy(certificate.publicKey, what, given), false);
    }
  });
});
