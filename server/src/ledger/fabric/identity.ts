import { createPrivateKey } from 'node:crypto';
import { signers, type Identity, type Signer } from '@hyperledger/fabric-gateway';
import { gateway, msp } from '@hyperledger/fabric-protos';
import type { FabricConnection } from './connection-file.ts';

/** The organisation's server identity: its certificate and what its private key signs (digests). */
export interface ServerIdentity {
  readonly identity: Identity;
  readonly sign: Signer;
}

export function serverIdentity({ msp: mspId, identity }: FabricConnection): ServerIdentity {
  return {
    identity: { mspId, credentials: Buffer.from(identity.certificate) },
    sign: signers.newPrivateKeySigner(createPrivateKey(identity.privateKey)),
  };
}

/** Unsigned bytes for `Gateway.newCommit`: asks what became of any transaction of the channel. */
export function commitStatusRequest(
  { identity }: ServerIdentity,
  channel: string,
  txId: string,
): Uint8Array {
  const creator = new msp.SerializedIdentity();
  creator.setMspid(identity.mspId);
  creator.setIdBytes(identity.credentials);
  const request = new gateway.CommitStatusRequest();
  request.setChannelId(channel);
  request.setTransactionId(txId);
  request.setIdentity(creator.serializeBinary());
  const signed = new gateway.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  return signed.serializeBinary();
}
