import { createHash, randomBytes } from 'node:crypto';
import { encode } from '../../src/fabric/protobuf.ts';
import { headerBytes } from '../../src/fabric/block.ts';
import { canonicalJson } from '../../src/canonical.ts';
import type { LogState } from '../../src/log-state.ts';
import type { FabricTrustAnchors } from '../../src/trust-anchors.ts';
import { issue, makeAuthority, signEcdsa, type Authority, type Credential } from './certificate.ts';

/** Four organisations with a client, a peer and an orderer each, as the demo network has them. */
export interface SyntheticNetwork {
  readonly anchors: FabricTrustAnchors;
  readonly organisations: Readonly<Record<string, Organisation>>;
}
export interface Organisation {
  readonly msp: string;
  readonly authority: Authority;
  readonly client: Credential;
  readonly peer: Credential;
  readonly orderer: Credential;
}

const MSPS = ['HospitalMSP', 'PharmacyMSP', 'InsurerMSP', 'AuditorMSP'] as const;

export function makeNetwork(): SyntheticNetwork {
  const organisations = MSPS.map((msp): Organisation => {
    const authority = makeAuthority(`ca.${msp}`);
    return {
      msp,
      authority,
      client: issue(authority, 'server', ['client']),
      peer: issue(authority, 'peer0', ['peer']),
      orderer: issue(authority, 'orderer0', ['orderer']),
    };
  });
  return {
    organisations: Object.fromEntries(organisations.map((each) => [each.msp, each])),
    anchors: {
      format: 'chartseal-trust/1',
      ledger: 'fabric',
      channel: 'records',
      chaincode: 'chartseal',
      organisations: organisations.map(({ msp, authority }) => ({
        name: msp.replace('MSP', '').toLowerCase(),
        msp,
        rootCertificates: [authority.certificate],
      })),
      consenters: organisations.map(({ msp, orderer }, i) => ({
        id: i + 1,
        msp,
        certificate: orderer.certificate,
      })),
      quorum: 3,
      endorsement: { required: 2, of: [...MSPS] },
    },
  };
}

const text = (value: string) => Buffer.from(value, 'utf8');

export function identity(msp: string, { certificate }: Credential): Uint8Array {
  return encode([
    [1, text(msp)],
    [2, text(certificate)],
  ]);
}

export interface Signer {
  readonly msp: string;
  readonly credential: Credential;
  readonly half?: 'lower' | 'upper';
}

/** What one can lie about in a transaction. */
export interface TransactionFacts {
  readonly creator: Signer;
  readonly endorsers: readonly Signer[];
  readonly writes: readonly { readonly key: string; readonly state: LogState }[];
  readonly channel?: string;
  readonly calls?: string;
  readonly answers?: string;
  readonly namespace?: string;
  readonly type?: number;
  readonly status?: number;
  readonly txId?: string;
  /** Endorse the write set of another transaction. */
  readonly proposalHash?: Uint8Array;
  readonly forgeCreator?: boolean;
  readonly forgeEndorsement?: boolean;
}

/** A serialised envelope of an endorsed transaction and its id. */
export function makeTransaction(facts: TransactionFacts): { txId: string; envelope: Uint8Array } {
  const creator = identity(facts.creator.msp, facts.creator.credential);
  const nonce = randomBytes(24);
  const txId = createHash('sha256').update(nonce).update(creator).digest('hex');
  const chaincodeId = (name: string) => encode([[2, text(name)]]);
  const channelHeader = encode([
    [1, facts.type ?? 3],
    [3, encode([[1, 1_700_000_000]])],
    [4, text(facts.channel ?? 'records')],
    [5, text(facts.txId ?? txId)],
    [7, encode([[2, chaincodeId(facts.calls ?? 'chartseal')]])],
  ]);
  const signatureHeader = encode([
    [1, creator],
    [2, nonce],
  ]);
  const proposal = encode([[1, encode([[1, text('log:append')]])]]);
  const proposalHash = createHash('sha256')
    .update(channelHeader)
    .update(signatureHeader)
    .update(proposal)
    .digest();
  const rwset = encode(
    facts.writes.map(({ key, state }) => [
      3,
      encode([
        [1, text(key)],
        [3, text(canonicalJson({ ...state }))],
      ]),
    ]),
  );
  const results = encode([
    [
      2,
      encode([
        [1, text(facts.namespace ?? 'chartseal')],
        [2, rwset],
      ]),
    ],
  ]);
  const endorsed = encode([
    [1, facts.proposalHash ?? proposalHash],
    [
      2,
      encode([
        [1, results],
        [3, encode([[1, facts.status ?? 200]])],
        [4, chaincodeId(facts.answers ?? 'chartseal')],
      ]),
    ],
  ]);
  const endorsements = facts.endorsers.map(({ msp, credential, half }) => {
    const endorser = identity(msp, credential);
    const signed = facts.forgeEndorsement ? endorser : Buffer.concat([endorsed, endorser]);
    return encode([
      [1, endorser],
      [2, signEcdsa(signed, credential.key, half)],
    ]);
  });
  const action = encode([[1, endorsed], ...endorsements.map((each) => [2, each] as const)]);
  const actionPayload = encode([
    [1, proposal],
    [2, action],
  ]);
  const transaction = encode([
    [
      1,
      encode([
        [1, signatureHeader],
        [2, actionPayload],
      ]),
    ],
  ]);
  const header = encode([
    [1, channelHeader],
    [2, signatureHeader],
  ]);
  const payload = encode([
    [1, header],
    [2, transaction],
  ]);
  const { key } = facts.creator.credential;
  const signature = signEcdsa(facts.forgeCreator ? header : payload, key, facts.creator.half);
  return {
    txId,
    envelope: encode([
      [1, payload],
      [2, signature],
    ]),
  };
}

export interface BlockFacts {
  readonly envelopes: readonly Uint8Array[];
  readonly signers: readonly {
    readonly id: number;
    readonly credential: Credential;
    readonly half?: 'lower' | 'upper';
  }[];
  readonly number?: number;
  readonly dataHash?: Uint8Array;
}

/** A block as a peer delivers it: signatures in any order, and metadata that nobody signs. */
export function makeBlock({ envelopes, signers, ...facts }: BlockFacts): Uint8Array {
  const header = {
    number: facts.number ?? 300,
    previousHash: randomBytes(32),
    dataHash: facts.dataHash ?? createHash('sha256').update(Buffer.concat(envelopes)).digest(),
  };
  const value = encode([
    [1, encode([[1, 5]])],
    [2, encode([[1, 9]])],
  ]);
  const signed = headerBytes({ ...header, envelopes, metadata: [] });
  const signatures = signers.map(({ id, credential, half }) => {
    const identifier = encode([
      [1, id],
      [2, randomBytes(24)],
    ]);
    const bytes = Buffer.concat([value, identifier, signed]);
    return encode([
      [2, signEcdsa(bytes, credential.key, half)],
      [3, identifier],
    ]);
  });
  const metadata = encode([[1, value], ...signatures.map((each) => [2, each] as const)]);
  return encode([
    [
      1,
      encode([
        [1, header.number],
        [2, header.previousHash],
        [3, header.dataHash],
      ]),
    ],
    [2, encode(envelopes.map((each) => [1, each] as const))],
    [
      3,
      encode([
        [1, metadata],
        [1, Buffer.alloc(0)],
        [1, Buffer.of(0, 0)],
        [1, Buffer.alloc(0)],
        [1, randomBytes(32)],
      ]),
    ],
  ]);
}
