import { createRequire } from 'node:module';
import { CONTRACT_CLASSES } from './contracts.ts';
import type { Membership } from './transaction/key-policy.ts';

const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/**
 * Says where and as whom the chaincode listens for its peer: PEM contents; the peer must show a certificate of
 * `clientCa`.
 */
export interface ServeOptions {
  readonly id: string;
  readonly address: string;
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly clientCa: Buffer;
  readonly membership: Membership;
}

/** Serves the contracts to the peer over mutual TLS. Resolves when listening. */
export async function serve(options: ServeOptions): Promise<void> {
  const { id, address, key, cert, clientCa, membership } = options;
  const require = createRequire(import.meta.url);
  const { Shim } = require('fabric-shim') as typeof import('fabric-shim');
  const server = Shim.server(newChaincode(membership), {
    ccid: id,
    address,
    tlsProps: { key, cert, clientCACerts: clientCa },
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  await server.start();
}

/** The contracts behind the interface that the shim calls; each transaction is told who the members are. */
export function newChaincode(membership: Membership): import('fabric-shim').ChaincodeInterface {
  const require = createRequire(import.meta.url);
  const { JSONSerializer } = require('fabric-contract-api') as typeof import('fabric-contract-api');
  const ChaincodeFromContract =
    require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as typeof import('fabric-shim/lib/contract-spi/chaincodefromcontract.js');
  const contracts = new ChaincodeFromContract(
    Object.values(CONTRACT_CLASSES),
    { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } },
    {},
    'chartseal',
    '1',
  );
  const told: import('fabric-shim').ChaincodeInterface = Object.create(
    contracts,
  ) as typeof contracts;
  told.Init = (stub) => contracts.Init(Object.assign(stub, { membership }));
  told.Invoke = (stub) => contracts.Invoke(Object.assign(stub, { membership }));
  return told;
}
