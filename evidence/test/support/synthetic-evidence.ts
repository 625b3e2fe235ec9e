import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { authorCommitment, type OpenedAuthor } from '../../src/author.ts';
import { canonicalJson } from '../../src/canonical.ts';
import { commitment } from '../../src/commitment.ts';
import type { EvidenceBundle } from '../../src/evidence-bundle.ts';
import { encodeLeaf, leafHash, resourcePseudonym, type Leaf } from '../../src/leaf.ts';
import { logKey, type LogState } from '../../src/log-state.ts';
import { appendToFrontier, emptyFrontier, frontierRoot } from '../../src/merkle.ts';
import { MerkleReader } from '../../src/merkle-reader.ts';
import { stripBlock } from '../../src/fabric/orderer-signatures.ts';
import { trustFingerprint, type EmbeddedTrustAnchors } from '../../src/trust-anchors.ts';
import {
  makeBlock,
  makeTransaction,
  type BlockFacts,
  type SyntheticNetwork,
  type TransactionFacts,
} from './synthetic-fabric.ts';

const LOG = 'HospitalMSP';
const RESOURCE =
  '{"resourceType":"Patient","id":"demo-a","meta":{"versionId":"3","lastUpdated":"2026-01-02T03:04:05.678Z"},"extension":[{"url":"x","valueDecimal":1.00}]}';

/** What is undefined is left out of the leaf. */
type LeafLies = { readonly [name in keyof Leaf]?: Leaf[name] | undefined };

export interface Recorded {
  readonly salt: Uint8Array;
  readonly author: OpenedAuthor;
  readonly leaf: Uint8Array;
  readonly state: LogState;
  readonly index: number;
  readonly hashes: string[];
}

function anAuthor(): OpenedAuthor {
  return {
    written: {
      v: 1,
      role: 'practitioner',
      subject: 'doctor',
      practitioner: 'Practitioner/doctor',
      organization: 'Organization/hospital',
      msp: LOG,
      client: 'chart-app',
      purposes: ['TREAT'],
      request: 'order-17',
    },
    salt: randomBytes(32).toString('hex'),
  };
}

/** A version, its leaf among others, and the log state that holds them all. */
export async function record(content: string, lies: LeafLies = {}, size = 11): Promise<Recorded> {
  const salt = randomBytes(32);
  const author = anAuthor();
  const leaf = encodeLeaf({
    v: 1,
    kind: 'version',
    log: LOG,
    resource: resourcePseudonym(salt, 'Patient', 'demo-a'),
    seq: 3,
    prev: randomBytes(32).toString('hex'),
    commit: commitment(salt, content),
    author: authorCommitment(author),
    at: '2026-01-02T03:04:05.678Z',
    ...(lies as Partial<Leaf>),
  });
  const index = 6;
  const leaves = Array.from({ length: size }, (_, i) =>
    i === index ? leafHash(leaf) : randomBytes(32),
  );
  const reader = new MerkleReader((from, to) =>
    Promise.resolve(Buffer.concat(leaves.slice(from, to))),
  );
  const { frontier } = appendToFrontier(emptyFrontier, leaves);
  const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');
  return {
    salt,
    author,
    leaf,
    index,
    hashes: (await reader.inclusionPath(index, size)).map(hex),
    state: { size, root: hex(frontierRoot(frontier)), frontier: frontier.map(hex) },
  };
}

function bundleOf(
  { salt, author, leaf, index, hashes, state }: Recorded,
  content: string,
  rest: Pick<EvidenceBundle, 'append' | 'trust'>,
): EvidenceBundle {
  return {
    format: 'chartseal-evidence/1',
    resource: {
      type: 'Patient',
      id: 'demo-a',
      version: 3,
      deleted: content === '',
      content: Buffer.from(content).toString('base64'),
    },
    leaf: Buffer.from(leaf).toString('base64'),
    salt: Buffer.from(salt).toString('hex'),
    author,
    inclusion: { log: LOG, index, size: state.size, hashes },
    ...rest,
  };
}

export interface Lies {
  readonly content?: string;
  readonly leaf?: LeafLies;
  readonly transaction?: Partial<TransactionFacts>;
  readonly block?: Partial<BlockFacts>;
  /** Take the block as the peer delivers it. */
  readonly unstripped?: boolean;
}

/** Evidence on a synthetic Fabric network; honest but for the lies asked for. */
export async function fabricEvidence(
  network: SyntheticNetwork,
  lies: Lies = {},
): Promise<EvidenceBundle> {
  const { anchors, organisations } = network;
  const hospital = organisations['HospitalMSP']!;
  const pharmacy = organisations['PharmacyMSP']!;
  const content = lies.content ?? RESOURCE;
  const recorded = await record(content, lies.leaf);
  const honest: TransactionFacts = {
    creator: { msp: hospital.msp, credential: hospital.client },
    endorsers: [
      { msp: hospital.msp, credential: hospital.peer },
      { msp: pharmacy.msp, credential: pharmacy.peer },
    ],
    writes: [{ key: logKey(LOG), state: recorded.state }],
  };
  const other = makeTransaction(honest);
  const { txId, envelope } = makeTransaction({ ...honest, ...lies.transaction });
  const block = makeBlock({
    envelopes: [other.envelope, envelope],
    signers: [4, 2, 1].map((id) => ({
      id,
      credential: Object.values(organisations)[id - 1]!.orderer,
    })),
    ...lies.block,
  });
  return bundleOf(recorded, content, {
    append: {
      ledger: 'fabric',
      txId,
      block: Buffer.from(lies.unstripped ? block : stripBlock(block, anchors)).toString('base64'),
    },
    trust: trustFingerprint(anchors),
  });
}

export async function embeddedEvidence(content = RESOURCE) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const anchors: EmbeddedTrustAnchors = {
    format: 'chartseal-trust/1',
    ledger: 'embedded',
    channel: 'records',
    chaincode: 'chartseal',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  const recorded = await record(content);
  const block = canonicalJson({
    number: 4,
    previous: randomBytes(32).toString('hex'),
    transactions: [
      {
        txId: 'tx-1',
        valid: true,
        creator: LOG,
        writes: [{ key: logKey(LOG), value: canonicalJson({ ...recorded.state }) }],
      },
    ],
  });
  const bundle = bundleOf(recorded, content, {
    append: {
      ledger: 'embedded',
      txId: 'tx-1',
      block,
      signature: sign(null, Buffer.from(block), privateKey).toString('base64'),
    },
    trust: trustFingerprint(anchors),
  });
  return { anchors, bundle };
}
