import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Refusal, type FabricTrustAnchors } from '@chartseal/evidence';
import { dictionary, integer, list, literal, text, type Shape } from '@chartseal/evidence/shape';
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
  /** Says how many of them must endorse what is written to a key that has no policy of its own. */
  readonly quorum: number;
  /** One of them, which must endorse our overarching policy. */
  readonly auditor: string | undefined;
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
  try {
    return await readConnection(path);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw new Error(`connection file: ${cause.message}`, { cause });
  }
}

const MOST = 1000;

/** Members that nobody knows are for who wrote the file. */
const members = dictionary(/^/, (value) => value, MOST);
const word = text(/^[^]+$/, 'a non-empty string');
const endorsers = list(word, MOST, 2);
const furtherCertificates = list((value, at) => {
  const { name, path } = members(value, at);
  return { name: word(name, `${at}.name`), path: word(path, `${at}.path`) };
}, MOST);

const anchors: Shape<FabricTrustAnchors> = (value, at) => {
  const { format, ledger } = members(value, at);
  literal('chartseal-trust/1')(format, `${at}.format`);
  literal('fabric')(ledger, `${at}.ledger`);
  return value as FabricTrustAnchors;
};

async function readConnection(path: string): Promise<FabricConnection> {
  const root = members(JSON.parse(await readFile(path, 'utf8')), '');
  const peer = members(root['peer'], 'peer');
  const identity = members(root['identity'], 'identity');
  const content = async (value: unknown, name: string): Promise<string> => {
    const given = word(value, name);
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
    msp: word(root['msp'], 'msp'),
    channel: word(root['channel'], 'channel'),
    chaincode: word(root['chaincode'], 'chaincode'),
    peer: {
      endpoint: word(peer['endpoint'], 'peer.endpoint'),
      tlsCa: pem.tlsCa,
    },
    identity: {
      certificate: pem.certificate,
      privateKey: pem.privateKey,
      ...(certificate !== undefined &&
        privateKey !== undefined && { files: { certificate, privateKey } }),
    },
    ...agreeing(root),
    trust: anchors(JSON.parse(await content(root['trust'], 'trust')), 'trust'),
    certificates: sources(
      [
        source('own identity', identity['certificate'], pem.certificate),
        source('TLS authority of the peer', peer['tlsCa'], pem.tlsCa),
      ],
      named(root['certificates'], dirname(path)),
    ),
  };
}

/** A file without `quorum` and `auditor` is of before there were any: then more than half are asked, for the policy all. */
function agreeing(
  root: Readonly<Record<string, unknown>>,
): Pick<FabricConnection, 'endorsers' | 'quorum' | 'auditor'> {
  const all = endorsers(root['endorsers'], 'endorsers');
  const { quorum: few, auditor: one } = root;
  const quorum = few === undefined ? Math.floor(all.length / 2) + 1 : integer(2)(few, 'quorum');
  const auditor = one === undefined ? undefined : word(one, 'auditor');
  if (quorum > all.length) throw new Refusal('quorum must not exceed the number of endorsers');
  if (auditor !== undefined && !all.includes(auditor)) {
    throw new Refusal('auditor must be one of the endorsers');
  }
  return { endorsers: all, quorum, auditor };
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
  const further = furtherCertificates(value, 'certificates');
  return further.map(({ name, path }) => ({ name, path: resolve(folder, path) }));
}
