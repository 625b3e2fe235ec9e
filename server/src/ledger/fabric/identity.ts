import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Identity, Signer } from '@hyperledger/fabric-gateway';
import { gateway, msp } from '@hyperledger/fabric-protos';
import type { FabricConnection } from './connection-file.ts';
import { lowSSigner } from './low-s-signer.ts';

/** The organisation's server identity: its certificate, and what signs whole messages with its private key. */
export interface ServerIdentity {
  readonly identity: Identity;
  readonly sign: Signer;
}

type IdentityFiles = NonNullable<FabricConnection['identity']['files']>;

/** Says how often the files of an identity are looked at (ms). */
const LOOK_EVERY = 1_000;

/** The server identity as its files say now: a renewed certificate is in use within a second, without a restart. */
export class CurrentIdentity {
  readonly #mspId: string;
  readonly #files: IdentityFiles | undefined;
  readonly #now: () => number;
  #identity: ServerIdentity;
  #version: string | undefined;
  #looked: number;

  /** `now` in ms; any clock. */
  constructor({ msp: mspId, identity }: FabricConnection, now: () => number) {
    this.#mspId = mspId;
    this.#files = identity.files;
    this.#now = now;
    this.#identity = serverIdentity(mspId, identity.certificate, identity.privateKey);
    this.#looked = now();
  }

  get(): ServerIdentity {
    const now = this.#now();
    if (this.#files === undefined || Math.abs(now - this.#looked) < LOOK_EVERY) {
      return this.#identity;
    }
    this.#looked = now;
    try {
      this.#read(this.#files);
    } catch {
      // A file that is being replaced: the identity of before stays, and the next look finds the new one.
    }
    return this.#identity;
  }

  #read({ certificate: path, privateKey: keyPath }: IdentityFiles): void {
    const version = [path, keyPath]
      .map((each) => statSync(each))
      .map(({ ino, mtimeMs }) => `${ino}/${mtimeMs}`)
      .join();
    if (version === this.#version) return;
    const [certificate, key] = [readFileSync(path, 'utf8'), readFileSync(keyPath, 'utf8')];
    // Between two replacements the certificate and the key may belong to different identities.
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return;
    this.#version = version;
    if (Buffer.from(certificate).equals(this.#identity.identity.credentials)) return;
    this.#identity = serverIdentity(this.#mspId, certificate, key);
  }
}

function serverIdentity(mspId: string, certificate: string, privateKey: string): ServerIdentity {
  // OpenSSL signs some fifty times faster than the SDK's own signer, which is JavaScript.
  const sign = lowSSigner(createPrivateKey(privateKey));
  return {
    identity: { mspId, credentials: Buffer.from(certificate) },
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
