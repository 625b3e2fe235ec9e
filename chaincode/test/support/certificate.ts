import { createSign, generateKeyPairSync } from 'node:crypto';

const OID = {
  commonName: '550403',
  ecdsaWithSha256: '2a8648ce3d040302',
  subjectAltName: '551d11',
  /** 1.2.3.4.5.6.7.8.1, where Fabric CA puts attributes. */
  fabricAttributes: '2a03040506070801',
} as const;

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (name: keyof typeof OID): Buffer => der(0x06, Buffer.from(OID[name], 'hex'));
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'utf8'));
const extension = (name: keyof typeof OID, value: Uint8Array): Buffer =>
  sequence(oid(name), der(0x04, value));

/** A self-signed P-256 certificate as Fabric CA would issue it, for tests: PEM certificate and key. */
export function selfSigned(attributes: Readonly<Record<string, string>> = {}): {
  cert: string;
  key: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(oid('commonName'), text(0x0c, 'test'))));
  const algorithm = sequence(oid('ecdsaWithSha256'));
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    sequence(text(0x17, '250101000000Z'), text(0x17, '491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        extension('subjectAltName', sequence(text(0x82, 'localhost'))),
        extension('fabricAttributes', Buffer.from(JSON.stringify({ attrs: attributes }))),
      ),
    ),
  );
  const signature = createSign('sha256').update(tbs).sign(privateKey);
  const bytes = sequence(tbs, algorithm, der(0x03, Buffer.of(0), signature));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
