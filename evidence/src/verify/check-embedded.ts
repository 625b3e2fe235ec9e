import { verify } from 'node:crypto';
import type { EmbeddedProof, EvidenceBundle } from '../evidence-bundle.ts';
import { logKey, type LogState } from '../log-state.ts';
import { Refusal } from '../refusal.ts';
import type { EmbeddedTrustAnchors } from '../trust-anchors.ts';
import { ed25519Key } from './parse-anchors.ts';
import { parseEmbeddedBlock, parseLogState } from './parse-bundle.ts';

export interface EmbeddedAppend {
  readonly number: number;
  readonly valid: boolean;
  readonly creator: string;
  readonly state: LogState;
}

export function readEmbeddedAppend({
  append,
  inclusion,
}: EvidenceBundle & { append: EmbeddedProof }): EmbeddedAppend {
  const { number, transactions } = parseEmbeddedBlock(append.block);
  const transaction = transactions.find(({ txId }) => txId === append.txId);
  if (transaction === undefined) throw new Refusal('the block does not hold this transaction');
  const written = transaction.writes.filter(({ key }) => key === logKey(inclusion.log));
  const [write] = written;
  if (write === undefined || written.length > 1) {
    throw new Refusal(`the transaction does not write the log of ${inclusion.log}`);
  }
  const { valid, creator } = transaction;
  return { number, valid, creator, state: parseLogState(write.value) };
}

export function checkEmbeddedAppend(append: EmbeddedAppend, log: string): string {
  if (!append.valid) throw new Refusal('the transaction had no effect');
  if (append.creator !== log) throw new Refusal(`the transaction was made by another than ${log}`);
  return `a transaction of ${log} in block ${append.number} brings its log to ${append.state.size} leaves`;
}

export function checkEmbeddedSigned(proof: EmbeddedProof, anchors: EmbeddedTrustAnchors): string {
  const key = ed25519Key(anchors.publicKey);
  const signature = Buffer.from(proof.signature, 'base64');
  if (key === undefined || !verify(null, Buffer.from(proof.block, 'utf8'), key, signature)) {
    throw new Refusal('the block is not signed by the key of the development ledger');
  }
  return 'the block is signed by the ONE key of a development ledger';
}
