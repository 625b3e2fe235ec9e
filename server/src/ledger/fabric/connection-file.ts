import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FabricTrustAnchors } from '@chartseal/evidence';
import type { CertificateSource } from '../certificate-watch.ts';

/** Says how a server reaches its channel. PEM members hold PEM text here, whatever way the file gave them. */
export interface FabricConnection {
  readonly msp: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly peer: { readonly endpoint: string; readonly tlsCa: string };
  readonly identity: {
    readonly certificate: string;
    readonly privateKey: string;
    /** Says where they came from, when both are files: a renewed certificate is read from there. */
    readonly files?: { readonly certificate: string; readonly privateKey: string };
  };
  /** MSP ids whose peers can endorse, our own first. */
  readonly endorsers: readonly string[];
  readonly trust: FabricTrustAnchors;
  /** Certificates whose end the server tells: those it uses itself, and what else the file names. */
  readonly certificates: readonly CertificateSource[];
}

/**
 * Reads a connection file. PEM members are given inline or as paths relative to the file, `trust` as a path.
 *
 * @throws Error naming the member that is missing or of another type
 */
export async function readConnectionFile(path: string): Promise<FabricConnection> {
  const root = members(JSON.parse(await readFile(path, 'utf8')), '');
  const peer = members(root['peer'], 'peer');
  const identity = members(root['identity'], 'identity');
  const content = async (value: unknown, name: string): Promise<string> => {
    const given = text(value, name);
    if (given.startsWith('-----BEGIN ')) return given;
    return readFile(resolve(dirname(path), given), 'utf8');
  };
  const fileOf = (value: unknown): string | undefined =>
    typeof value === 'string' && !value.startsWith('-----BEGIN ')
      ? resolve(dirname(path), value)
      : undefined;
  const [certificate, privateKey] = [
    fileOf(identity['certificate']),
    fileOf(identity['privateKey']),
  ];
  const pem = {
    certificate: await content(identity['certificate'], 'identity.certificate'),
    privateKey: await content(identity['privateKey'], 'identity.privateKey'),
    tlsCa: await content(peer['tlsCa'], 'peer.tlsCa'),
  };
  const source = (name: string, value: unknown, text: string): CertificateSource => {
    const file = fileOf(value);
    return file === undefined ? { name, path, pem: text } : { name, path: file };
  };
  return {
    msp: text(root['msp'], 'msp'),
    channel: text(root['channel'], 'channel'),
    chaincode: text(root['chaincode'], 'chaincode'),
    peer: {
      endpoint: text(peer['endpoint'], 'peer.endpoint'),
      tlsCa: pem.tlsCa,
    },
    identity: {
      certificate: pem.certificate,
      privateKey: pem.privateKey,
      ...(certificate !== undefined &&
        privateKey !== undefined && { files: { certificate, privateKey } }),
    },
    endorsers: endorsers(root['endorsers']),
    trust: anchors(await content(root['trust'], 'trust')),
    certificates: sources(
      [
        source('own identity', identity['certificate'], pem.certificate),
        source('TLS authority of the peer', peer['tlsCa'], pem.tlsCa),
      ],
      named(root['certificates'], dirname(path)),
    ),
  };
}

/** Lets what the file names by the same path go by the file's name. */
function sources(
  own: readonly CertificateSource[],
  further: readonly CertificateSource[],
): readonly CertificateSource[] {
  const paths = new Set(further.map(({ path }) => path));
  return [...own.filter(({ path }) => !paths.has(path)), ...further];
}

function named(value: unknown, folder: string): readonly CertificateSource[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error('connection file: certificates must be a list');
  return value.map((each: unknown, i) => {
    const at = `certificates[${i}]`;
    const { name, path } = members(each, at);
    return { name: text(name, `${at}.name`), path: resolve(folder, text(path, `${at}.path`)) };
  });
}

function anchors(json: string): FabricTrustAnchors {
  const value = members(JSON.parse(json), 'trust');
  if (value['format'] !== 'chartseal-trust/1' || value['ledger'] !== 'fabric') {
    throw new Error('connection file: trust must name trust anchors of a Fabric channel');
  }
  return value as unknown as FabricTrustAnchors;
}

function endorsers(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length < 2) {
    throw new Error('connection file: endorsers must name at least two organisations');
  }
  return value.map((each, i) => text(each, `endorsers[${i}]`));
}

function members(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`connection file: ${name === '' ? 'it' : name} must be an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new Error(`connection file: ${name} must be a non-empty string`);
  }
  return value;
}
