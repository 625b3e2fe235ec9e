import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { common, gateway, ledger, msp, peer } from '@hyperledger/fabric-protos';
import type { PreparedTransaction } from '../../src/ledger/channel.ts';
import { lowSSigner } from '../../src/ledger/fabric/low-s-signer.ts';

/** An identity whose private key a forger has. */
export interface Stolen {
  readonly creator: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** The identity in an MSP folder of a network of tests. */
export function stolen(
  dataDir: string,
  organisation: { readonly name: string; readonly msp: string },
  owner: 'peer' | 'server',
): Stolen {
  const folder = join(dataDir, organisation.name, 'identities', owner, 'msp');
  const identity = new msp.SerializedIdentity();
  identity.setMspid(organisation.msp);
  identity.setIdBytes(readFileSync(join(folder, 'signcerts', 'certificate.pem')));
  const key = createPrivateKey(readFileSync(join(folder, 'keystore', 'key.pem')));
  return { creator: identity.serializeBinary(), sign: lowSSigner(key) };
}

/** What a forger wants written: values as JSON, policies of keys as bytes. */
export interface Wanted {
  readonly writes: Readonly<Record<string, object | null>>;
  readonly policies?: Readonly<Record<string, Uint8Array>>;
}

const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/**
 * A transaction that no chaincode made: an honest one of the forger's own server, in which what is read and written is
 * replaced, endorsed with keys of peers and signed anew.
 */
export function forge(
  honest: PreparedTransaction,
  wanted: Wanted,
  by: { readonly server: Stolen; readonly peers: readonly Stolen[] },
): Pick<PreparedTransaction, 'txId' | 'bytes'> {
  const prepared = gateway.PreparedTransaction.deserializeBinary(honest.bytes);
  const envelope = prepared.getEnvelope() as common.Envelope;
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const [action] = transaction.getActionsList();
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(
    (action as peer.TransactionAction).getPayload_asU8(),
  );
  const endorsed = actionPayload.getAction() as peer.ChaincodeEndorsedAction;
  const response = peer.ProposalResponsePayload.deserializeBinary(
    endorsed.getProposalResponsePayload_asU8(),
  );
  const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());

  result.setResults(rewritten(result.getResults_asU8(), wanted));
  response.setExtension$(result.serializeBinary());
  const signed = response.serializeBinary();
  endorsed.setProposalResponsePayload(signed);
  endorsed.setEndorsementsList(by.peers.map((each) => endorsement(each, signed)));
  actionPayload.setAction(endorsed);
  (action as peer.TransactionAction).setPayload(actionPayload.serializeBinary());
  transaction.setActionsList([action as peer.TransactionAction]);
  payload.setData(transaction.serializeBinary());
  const bytes = payload.serializeBinary();
  envelope.setPayload(bytes);
  envelope.setSignature(by.server.sign(bytes));
  prepared.setEnvelope(envelope);
  return { txId: honest.txId, bytes: prepared.serializeBinary() };
}

function endorsement({ creator, sign }: Stolen, payload: Uint8Array): peer.Endorsement {
  const made = new peer.Endorsement();
  made.setEndorser(creator);
  made.setSignature(sign(Buffer.concat([payload, creator])));
  return made;
}

function rewritten(results: Uint8Array, { writes, policies = {} }: Wanted): Uint8Array {
  const set = ledger.rwset.TxReadWriteSet.deserializeBinary(results);
  const own = set.getNsRwsetList().find((each) => each.getNamespace() === 'chartseal');
  const forged = new ledger.rwset.kvrwset.KVRWSet();
  forged.setWritesList(
    Object.entries(writes).map(([key, value]) => {
      const write = new ledger.rwset.kvrwset.KVWrite();
      write.setKey(key);
      if (value === null) write.setIsDelete(true);
      else write.setValue(Buffer.from(JSON.stringify(value)));
      return write;
    }),
  );
  forged.setMetadataWritesList(
    Object.entries(policies).map(([key, policy]) => {
      const entry = new ledger.rwset.kvrwset.KVMetadataEntry();
      entry.setName(VALIDATION_PARAMETER);
      entry.setValue(policy);
      const write = new ledger.rwset.kvrwset.KVMetadataWrite();
      write.setKey(key);
      write.setEntriesList([entry]);
      return write;
    }),
  );
  own?.setRwset(forged.serializeBinary());
  return set.serializeBinary();
}
