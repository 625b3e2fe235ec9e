import { Refusal } from '../refusal.ts';
import type { FabricTrustAnchors } from '../trust-anchors.ts';
import {
  decodeBlock,
  decodeSignatures,
  encodeBlock,
  encodeSignatures,
  headerBytes,
  type Block,
  type BlockSignature,
} from './block.ts';
import { readCertificate } from './identity.ts';
import { signedBy } from './signature.ts';

/**
 * Returns those of the block's signatures that hold: a consenter signs `value || identifier header || header`, where
 * `value` is the signed part of the SIGNATURES metadata (Fabric 3, `protoutil.BlockSignatureVerifier`).
 *
 * @rule quorum of orderers
 */
export function validSignatures(block: Block, anchors: FabricTrustAnchors): BlockSignature[] {
  const { value, signatures } = decodeSignatures(block);
  const header = headerBytes(block);
  return signatures.filter(({ consenter, identifierHeader, signature }) => {
    const signer = anchors.consenters.find(({ id }) => id === consenter);
    if (signer === undefined) return false;
    const key = readCertificate(signer.certificate).publicKey;
    return signedBy(key, Buffer.concat([value, identifierHeader, header]), signature);
  });
}

/**
 * A block as evidence bundles hold it: header, transactions, and of the metadata nothing but exactly the
 * quorum of orderer signatures, by ascending consenter. What is cut off is signed by nobody, and what stays
 * has one encoding, so that no byte of it can change unnoticed.
 *
 * @param block serialised `common.Block` as a peer delivers it
 * @throws Refusal when fewer than the quorum of trusted consenters signed it
 */
export function stripBlock(block: Uint8Array, anchors: FabricTrustAnchors): Uint8Array {
  const decoded = decodeBlock(block);
  const byConsenter = new Map(
    validSignatures(decoded, anchors).map((each) => [each.consenter, each]),
  );
  const signatures = [...byConsenter.values()]
    .toSorted((a, b) => a.consenter - b.consenter)
    .slice(0, anchors.quorum);
  if (signatures.length < anchors.quorum) throw new Refusal('the block lacks orderer signatures');
  const { value } = decodeSignatures(decoded);
  return encodeBlock({ ...decoded, metadata: [encodeSignatures({ value, signatures })] });
}

/**
 * Reads a block that `stripBlock` made.
 *
 * @throws Refusal when it is written in any other way
 */
export function decodeStrippedBlock(bytes: Uint8Array): Block {
  const block = decodeBlock(bytes);
  const signatures = decodeSignatures(block);
  const ids = signatures.signatures.map(({ consenter }) => consenter);
  const ascending = ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? id));
  const again = encodeBlock({ ...block, metadata: [encodeSignatures(signatures)] });
  if (!ascending || Buffer.compare(again, bytes) !== 0) {
    throw new Refusal('the block is not in the form that evidence uses');
  }
  return block;
}
