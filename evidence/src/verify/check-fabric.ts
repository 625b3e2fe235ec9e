import type { EvidenceBundle, FabricProof } from '../evidence-bundle.ts';
import { checkEnvelopes, dataHash, decodeSignatures, type Block } from '../fabric/block.ts';
import { checkEndorsements } from '../fabric/endorsements.ts';
import { memberOf } from '../fabric/identity.ts';
import { decodeStrippedBlock, validSignatures } from '../fabric/orderer-signatures.ts';
import { signedBy } from '../fabric/signature.ts';
import { findTransaction, writtenValue, type Transaction } from '../fabric/transaction.ts';
import { logKey, type LogState } from '../log-state.ts';
import { Refusal } from '../refusal.ts';
import type { FabricTrustAnchors } from '../trust-anchors.ts';
import { parseLogState } from './parse-bundle.ts';

export interface FabricAppend {
  readonly block: Block;
  readonly transaction: Transaction;
  readonly state: LogState;
}

/** Finds the append in its block and reads the log state it writes. Nothing is verified yet. */
export function readFabricAppend(
  { append, inclusion }: EvidenceBundle & { append: FabricProof },
  anchors: FabricTrustAnchors,
): FabricAppend {
  const block = decodeStrippedBlock(Buffer.from(append.block, 'base64'));
  const transaction = findTransaction(block, append.txId);
  const written = writtenValue(transaction.results, anchors.chaincode, logKey(inclusion.log));
  if (written === undefined) {
    throw new Refusal(`the transaction does not write the log of ${inclusion.log}`);
  }
  return { block, transaction, state: parseLogState(written) };
}

/** The organisation of the log signed the call of this chaincode on this channel. */
export function checkFabricAppend(
  { block, transaction, state }: FabricAppend,
  log: string,
  anchors: FabricTrustAnchors,
): string {
  const { channel, chaincode, creator, payload, signature, responseStatus } = transaction;
  if (channel !== anchors.channel) throw new Refusal('the transaction is of another channel');
  if (chaincode.some((name) => name !== anchors.chaincode)) {
    throw new Refusal('the transaction is of another chaincode');
  }
  if (responseStatus !== 200) throw new Refusal('the chaincode refused the transaction');
  const { msp, certificate } = memberOf(creator, anchors);
  if (msp !== log) throw new Refusal(`the transaction was made by ${msp}, not by ${log}`);
  if (!signedBy(certificate.publicKey, payload, signature)) {
    throw new Refusal(`the transaction is not signed by its creator of ${msp}`);
  }
  const id = `${transaction.txId.slice(0, 16)}…`;
  return `transaction ${id} in block ${block.number}, signed by ${msp}, brings its log to ${state.size} leaves`;
}

/** Peers of enough organisations signed its result; the log's own among them, without which nobody may write it. */
export function checkFabricEndorsed(
  { transaction }: FabricAppend,
  log: string,
  anchors: FabricTrustAnchors,
): string {
  const endorsers = checkEndorsements(transaction, anchors);
  if (!endorsers.some(({ msp }) => msp === log)) {
    throw new Refusal(`no peer of ${log}, whose log it is, endorsed it`);
  }
  const peers = endorsers.map(
    ({ msp, validFrom, validTo }) => `${msp} (certificate of ${validFrom} to ${validTo})`,
  );
  return `peers ran it and signed its result: ${peers.join(', ')}; required: ${anchors.endorsement.required} of ${anchors.endorsement.of.length} organisations, ${log} among them`;
}

/** The header binds the transactions, and a quorum of orderers signed the header. */
export function checkFabricOrdered({ block }: FabricAppend, anchors: FabricTrustAnchors): string {
  checkEnvelopes(block.envelopes);
  if (Buffer.compare(dataHash(block.envelopes), block.dataHash) !== 0) {
    throw new Refusal('the block header is not the one of these transactions');
  }
  const given = decodeSignatures(block).signatures.length;
  const signers = new Set(validSignatures(block, anchors).map(({ consenter }) => consenter));
  // Exactly the quorum, so that there is none whose bytes could change without consequence.
  if (signers.size !== anchors.quorum || given !== anchors.quorum) {
    throw new Refusal(
      `${signers.size} of ${given} orderer signatures hold, exactly ${anchors.quorum} must`,
    );
  }
  const msps = anchors.consenters.filter(({ id }) => signers.has(id)).map(({ msp }) => msp);
  return `block ${block.number} is signed by ${signers.size} of ${anchors.consenters.length} orderers: ${msps.join(', ')}`;
}
