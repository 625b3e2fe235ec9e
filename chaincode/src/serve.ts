import { createRequire } from 'node:module';
import { CONTRACT_CLASSES } from './contracts.ts';

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
}

/** Serves the contracts to the peer over mutual TLS. Resolves when listening. */
export async function serve({ id, address, key, cert, clientCa }: ServeOptions): Promise<void> {
  const require = createRequire(import.meta.url);
  const { Shim } = require('fabric-shim') as typeof import('fabric-shim');
  const server = Shim.server(newChaincode(), {
    ccid: id,
    address,
    tlsProps: { key, cert, clientCACerts: clientCa },
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  await server.start();
}

/** The contracts behind the interface that the shim calls. */
export function newChaincode(): import('fabric-shim').ChaincodeInterface {
  const require = createRequire(import.meta.url);
  const { JSONSerializer } = require('fabric-contract-api') as typeof import('fabric-contract-api');
  const ChaincodeFromContract =
    require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as typeof import('fabric-shim/lib/contract-spi/chaincodefromcontract.js');
  return new ChaincodeFromContract(
    Object.values(CONTRACT_CLASSES),
    { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } },
    {},
    'chartseal',
    '1',
  );
}
