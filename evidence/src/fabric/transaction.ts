import { createHash } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { decodeEnvelope, type Block } from './block.ts';
import { decode } from './protobuf.ts';

/** An endorsed chaincode transaction, as far as its envelope tells. Nothing is verified yet but its id. */
export interface Transaction {
  readonly txId: string;
  readonly channel: string;
  /** Chaincode that the proposal calls, and the one that answered. */
  readonly chaincode: readonly [string, string];
  /** Holds what the creator signed, and the signature. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Serialised identity of the creator. */
  readonly creator: Uint8Array;
  /** Hash of the proposal that endorsers signed for, and of the one in this envelope. */
  readonly proposalHashes: readonly [Uint8Array, Uint8Array];
  readonly responseStatus: number;
  /** Serialised `ProposalResponsePayload`, what endorsers signed. */
  readonly endorsed: Uint8Array;
  readonly endorsements: readonly {
    readonly endorser: Uint8Array;
    readonly signature: Uint8Array;
  }[];
  /** Serialised `TxReadWriteSet`. */
  readonly results: Uint8Array;
}

const ENDORSER_TRANSACTION = 3;

const PAYLOAD = { header: [1, 'bytes'], data: [2, 'bytes'] } as const;
const HEADER = { channel: [1, 'bytes'], signature: [2, 'bytes'] } as const;
const CHANNEL_HEADER = {
  type: [1, 'number'],
  channel: [4, 'text'],
  txId: [5, 'text'],
  extension: [7, 'bytes'],
} as const;
const SIGNATURE_HEADER = { creator: [1, 'bytes'], nonce: [2, 'bytes'] } as const;
const TRANSACTION = { actions: [1, 'many'] } as const;
const ACTION = { header: [1, 'bytes'], payload: [2, 'bytes'] } as const;
const ACTION_PAYLOAD = { proposal: [1, 'bytes'], action: [2, 'bytes'] } as const;
const ENDORSED_ACTION = { response: [1, 'bytes'], endorsements: [2, 'many'] } as const;
const ENDORSEMENT = { endorser: [1, 'bytes'], signature: [2, 'bytes'] } as const;
const RESPONSE_PAYLOAD = { proposalHash: [1, 'bytes'], extension: [2, 'bytes'] } as const;
const CHAINCODE_ACTION = {
  results: [1, 'bytes'],
  response: [3, 'bytes'],
  chaincode: [4, 'bytes'],
} as const;
const RESPONSE = { status: [1, 'number'] } as const;
const HEADER_EXTENSION = { chaincode: [2, 'bytes'] } as const;
const CHAINCODE_ID = { name: [2, 'text'] } as const;

/**
 * The transaction of this id, which is the SHA-256 of its nonce and creator. A later one with the same id
 * is a duplicate that peers refuse, so the first counts.
 *
 * @throws Refusal when there is none, or it is not a well-formed endorsed transaction
 */
export function findTransaction(block: Block, txId: string): Transaction {
  for (const envelope of block.envelopes) {
    const { payload, signature } = decodeEnvelope(envelope);
    const { header, data } = decode(payload, PAYLOAD);
    const headers = decode(header, HEADER);
    const { creator, nonce } = decode(headers.signature, SIGNATURE_HEADER);
    const id = createHash('sha256').update(nonce).update(creator).digest('hex');
    if (id !== txId) continue;
    const channelHeader = decode(headers.channel, CHANNEL_HEADER);
    if (channelHeader.txId !== id || channelHeader.type !== ENDORSER_TRANSACTION) {
      throw new Refusal('the transaction is not what its id says');
    }
    const called = decode(channelHeader.extension, HEADER_EXTENSION).chaincode;
    const action = readAction(data, headers);
    return {
      txId,
      channel: channelHeader.channel,
      chaincode: [decode(called, CHAINCODE_ID).name, action.answered],
      payload,
      signature,
      creator,
      ...action,
    };
  }
  throw new Refusal('the block does not hold this transaction');
}

function readAction(data: Uint8Array, headers: { channel: Uint8Array; signature: Uint8Array }) {
  const { actions } = decode(data, TRANSACTION);
  const [first] = actions;
  if (first === undefined || actions.length !== 1) {
    throw new Refusal('the transaction must have one action');
  }
  const { header, payload } = decode(first, ACTION);
  if (Buffer.compare(header, headers.signature) !== 0) {
    throw new Refusal('the action of the transaction has another creator');
  }
  const { proposal, action } = decode(payload, ACTION_PAYLOAD);
  const { response: endorsed, endorsements } = decode(action, ENDORSED_ACTION);
  const { proposalHash, extension } = decode(endorsed, RESPONSE_PAYLOAD);
  const { results, response, chaincode } = decode(extension, CHAINCODE_ACTION);
  const asked = createHash('sha256')
    .update(headers.channel)
    .update(headers.signature)
    .update(proposal)
    .digest();
  return {
    proposalHashes: [proposalHash, asked] as const,
    responseStatus: decode(response, RESPONSE).status,
    answered: decode(chaincode, CHAINCODE_ID).name,
    endorsed,
    endorsements: endorsements.map((each) => decode(each, ENDORSEMENT)),
    results,
  };
}

const RESULTS = { namespaces: [2, 'many'] } as const;
const NAMESPACE = { name: [1, 'text'], rwset: [2, 'bytes'] } as const;
const RWSET = { writes: [3, 'many'] } as const;
const WRITE = { key: [1, 'text'], isDelete: [2, 'number'], value: [3, 'bytes'] } as const;

/** Returns what the transaction writes under a key of a chaincode's state; undefined when it does not, or deletes it. */
export function writtenValue(
  results: Uint8Array,
  namespace: string,
  key: string,
): Uint8Array | undefined {
  const values = decode(results, RESULTS)
    .namespaces.map((bytes) => decode(bytes, NAMESPACE))
    .filter(({ name }) => name === namespace)
    .flatMap(({ rwset }) => decode(rwset, RWSET).writes)
    .map((bytes) => decode(bytes, WRITE))
    .filter((write) => write.key === key && write.isDelete === 0);
  return values.length === 1 ? values[0]?.value : undefined;
}
