import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, signers, type Contract } from '@hyperledger/fabric-gateway';
import type { ConnectionFile } from '../../src/identities/connection-file.ts';

export interface LogHead {
  readonly size: number;
  readonly root?: string;
}

/** The calling organisation's log as its own peer holds it; an organisation without one has size 0. */
export async function logHead(connection: ConnectionFile): Promise<LogHead> {
  return withContract(connection, async (contract) => {
    const argument = JSON.stringify({ msp: connection.msp });
    const result = await contract.evaluateTransaction('log:head', argument);
    return (JSON.parse(Buffer.from(result).toString()) as LogHead | null) ?? { size: 0 };
  });
}

export async function appendLeaves(
  connection: ConnectionFile,
  prevSize: number,
  count: number,
): Promise<LogHead> {
  return withContract(connection, async (contract) => {
    const result = await contract.submit('log:append', {
      arguments: [JSON.stringify({ prevSize }), randomBytes(32 * count)],
      endorsingOrganizations: connection.endorsers.slice(0, connection.quorum),
    });
    return JSON.parse(Buffer.from(result).toString()) as LogHead;
  });
}

/** Knows nothing of the network but its connection file, as a server would. */
async function withContract<T>(
  { peer, msp, identity, channel, chaincode }: ConnectionFile,
  use: (contract: Contract) => Promise<T>,
): Promise<T> {
  const client = new Client(peer.endpoint, credentials.createSsl(readFileSync(peer.tlsCa)), {
    'grpc.ssl_target_name_override': 'localhost',
  });
  const gateway = connect({
    client,
    identity: { mspId: msp, credentials: readFileSync(identity.certificate) },
    signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(identity.privateKey))),
    hash: hash.sha256,
    commitStatusOptions: () => ({ deadline: Date.now() + 60_000 }),
  });
  try {
    return await use(gateway.getNetwork(channel).getContract(chaincode));
  } finally {
    gateway.close();
    client.close();
  }
}
