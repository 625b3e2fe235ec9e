import { verify, type KeyObject } from 'node:crypto';

/** Half the group order of the curves that Fabric's membership service accepts. */
const HALF_ORDER = new Map([
  ['prime256v1', 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n >> 1n],
  [
    'secp384r1',
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n >>
      1n,
  ],
]);

/**
 * Tells whether a member of a Fabric organisation signed this: ECDSA with SHA-256 in DER, or Ed25519. As Fabric
 * does, of the two ECDSA signatures that every signature gives, only the one with the lower `s` counts.
 */
export function signedBy(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, signature);
  const half = HALF_ORDER.get(key.asymmetricKeyDetails?.namedCurve ?? '');
  if (key.asymmetricKeyType !== 'ec' || half === undefined) return false;
  return verify('sha256', data, key, signature) && valueOfS(signature) <= half;
}

/** `s` of SEQUENCE { INTEGER r, INTEGER s } that has been verified, hence is well-formed DER. */
function valueOfS(signature: Uint8Array): bigint {
  const r = 2;
  const s = r + 2 + (signature[r + 1] ?? 0);
  return BigInt(`0x${Buffer.from(signature.subarray(s + 2)).toString('hex')}`);
}
