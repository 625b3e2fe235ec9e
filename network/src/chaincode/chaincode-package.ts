import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tar } from './tar.ts';

export interface ChaincodePackage {
  readonly label: string;
  /** Fabric's name of the package: `label:sha256(content)`. */
  readonly id: string;
  readonly content: Buffer;
}

export interface PackageParts {
  readonly chaincode: string;
  /** SHA-256 (hex) of the code that the organisation's chaincode process must run, and of the members it is told. */
  readonly codeDigest: string;
  /** `host:port` where the organisation's chaincode process listens. */
  readonly address: string;
  /** PEM of the authority that issued that process its TLS certificate. */
  readonly tlsRoot: string;
}

/**
 * One organisation's chaincode-as-a-service package. Fabric's package would commit to an address
 * only; `codeDigest` makes it commit to the code, and the builder refuses a package without it.
 * The peer's client key is not in it: the builder adds it on the peer.
 */
export function chaincodePackage(parts: PackageParts): ChaincodePackage {
  if (!/^[0-9a-f]{64}$/.test(parts.codeDigest)) {
    throw new Error('codeDigest must be 64 hexadecimal digits');
  }
  const label = `${parts.chaincode}_${parts.codeDigest.slice(0, 16)}`;
  const connection = {
    address: parts.address,
    dial_timeout: '10s',
    tls_required: true,
    client_auth_required: true,
    root_cert: parts.tlsRoot,
  };
  const metadata = { type: 'ccaas', label, codeDigest: parts.codeDigest };
  const code = archive([['connection.json', connection]]);
  const content = gzip(
    tar([
      { name: 'metadata.json', content: json(metadata) },
      { name: 'code.tar.gz', content: code },
    ]),
  );
  const digest = createHash('sha256').update(content).digest('hex');
  return { label, id: `${label}:${digest}`, content };
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
/** zlib's header carries no time and no system here: the same input gives the same bytes. */
const gzip = (content: Buffer): Buffer => gzipSync(content, { level: 9 });

function archive(files: readonly (readonly [string, object])[]): Buffer {
  return gzip(tar(files.map(([name, value]) => ({ name, content: json(value) }))));
}
