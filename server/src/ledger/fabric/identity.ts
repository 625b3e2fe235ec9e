import { createPrivateKey } from 'node:crypto';
import type { Identity, Signer } from '@hyperledger/fabric-gateway';
import { gateway, msp } from '@hyperledger/fabric-protos';
import type { FabricConnection } from './connection-file.ts';
import { lowSSigner } from './low-s-signer.ts';

/** The organisation's server identity: its certificate, and what signs whole messages with its private key. */
export interface ServerIdentity {
  readonly identity: Identity;
  readonly sign: Signer;
}

export function serverIdentity({ msp: mspId, identity }: FabricConnection): ServerIdentity {
  // OpenSSL signs some fifty times faster than the SDK's own signer, which is JavaScript.
  const sign = lowSSigner(createPrivateKey(identity.privateKey));
  return {
    identity: { mspId, credentials: Buffer.from(identity.certificate) },
    sign: (message) => Promise.resolve(sign(message)),
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
