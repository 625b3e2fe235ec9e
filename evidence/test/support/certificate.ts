import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A key with its X.509 certificate (PEM). */
export interface Credential {
  readonly certificate: string;
  readonly key: KeyObject;
}
export interface Authority extends Credential {
  readonly name: Uint8Array;
}

const OID = { cn: '550403', ou: '55040b', ecdsaSha256: '2a8648ce3d040302', basic: '551d13' };

export function makeAuthority(commonName: string): Authority {
  const name = distinguishedName([['cn', commonName]]);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = certify({ issuer: name, subject: name, publicKey, ca: true }, privateKey);
  return { name, certificate, key: privateKey };
}

/** A member's certificate with the given organisational units. */
export function issue(authority: Authority, commonName: string, units: string[] = []): Credential {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = distinguishedName([
    ...units.map((unit) => ['ou', unit] as ['ou', string]),
    ['cn', commonName],
  ]);
  const facts = { issuer: authority.name, subject, publicKey, ca: false };
  return { certificate: certify(facts, authority.key), key: privateKey };
}

function certify(
  facts: { issuer: Uint8Array; subject: Uint8Array; publicKey: KeyObject; ca: boolean },
  key: KeyObject,
): string {
  const algorithm = sequence(oid(OID.ecdsaSha256));
  const constraints = sequence(facts.ca ? der(0x01, Buffer.of(0xff)) : Buffer.alloc(0));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    facts.issuer,
    sequence(der(0x17, Buffer.from('250101000000Z')), der(0x17, Buffer.from('450101000000Z'))),
    facts.subject,
    facts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid(OID.basic), der(0x04, constraints)))),
  );
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, key)]));
  const base64 = sequence(body, algorithm, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g)!.join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(attributes: ['cn' | 'ou', string][]): Buffer {
  return sequence(
    ...attributes.map(([type, value]) =>
      der(0x31, sequence(oid(OID[type]), der(0x0c, Buffer.from(value)))),
    ),
  );
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Uint8Array): Buffer {
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** ECDSA P-256 with SHA-256 in DER; `s` in the lower half as Fabric makes it, or in the upper. */
export function signEcdsa(data: Uint8Array, key: KeyObject, half: 'lower' | 'upper' = 'lower') {
  const raw = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  const number = (part: Uint8Array) => BigInt(`0x${Buffer.from(part).toString('hex')}`);
  const r = number(raw.subarray(0, 32));
  let s = number(raw.subarray(32));
  if (s > ORDER / 2n === (half === 'lower')) s = ORDER - s;
  return sequence(integer(r), integer(s));
}

function integer(value: bigint): Buffer {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  const bytes = Buffer.from(hex, 'hex');
  return der(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}
