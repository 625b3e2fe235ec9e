import { sign, type KeyObject } from 'node:crypto';

/** Order of the group of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = ORDER / 2n;

/**
 * Signs messages with ECDSA P-256 and SHA-256, in DER. Fabric refuses the greater of the two signatures that are valid
 * for a message (high S), so that nobody can change a signature without the key.
 */
export function lowSSigner(key: KeyObject): (message: Uint8Array) => Uint8Array {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('the key of a server identity is an ECDSA key on P-256');
  }
  return (message) => {
    const raw = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
    const s = BigInt(`0x${raw.toString('hex', 32)}`);
    const low = s > HALF ? ORDER - s : s;
    const body = Buffer.concat([
      integer(raw.subarray(0, 32)),
      integer(Buffer.from(low.toString(16).padStart(64, '0'), 'hex')),
    ]);
    return Buffer.concat([Buffer.of(0x30, body.length), body]);
  };
}

/** DER INTEGER of an unsigned big-endian number: no needless leading zeros, and never negative. */
function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const padded = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return Buffer.concat([Buffer.of(0x02, padded.length), padded]);
}
