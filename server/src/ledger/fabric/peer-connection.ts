import { Client, credentials, type ClientOptions } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import type { FabricConnection } from './connection-file.ts';
import { isTransportFailure } from './error-mapping.ts';
import type { CurrentIdentity, ServerIdentity } from './identity.ts';

/** Consecutive transport failures after which the gRPC channel is not trusted to recover by itself. */
const FAILURES = 3;
/** Calls under way on a replaced channel end by their deadlines before this (ms). */
const DRAIN = 20_000;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]):/;

const OPTIONS: ClientOptions = {
  // Peers refuse pings more frequent than one a minute.
  'grpc.keepalive_time_ms': 120_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.max_receive_message_length': 128 * 1024 * 1024,
  'grpc.max_send_message_length': 128 * 1024 * 1024,
};

/** The gRPC connection to our own peer; replaced by a new one after repeated failures. */
export class PeerConnection {
  readonly #connection: FabricConnection;
  readonly #identities: CurrentIdentity;
  #identity: ServerIdentity;
  #client: Client;
  #gateway: Gateway;
  #failures = 0;

  constructor(connection: FabricConnection, identities: CurrentIdentity) {
    this.#connection = connection;
    this.#identities = identities;
    this.#identity = identities.get();
    [this.#client, this.#gateway] = this.#open();
  }

  /** Runs one exchange with the peer and watches the health of the connection by its result. */
  async use<T>(exchange: (gateway: Gateway, identity: ServerIdentity) => Promise<T>): Promise<T> {
    const identity = this.#identities.get();
    if (identity !== this.#identity) {
      this.#identity = identity;
      this.#gateway = gatewayOf(this.#client, identity);
    }
    const gateway = this.#gateway;
    try {
      const result = await exchange(gateway, identity);
      this.#failures = 0;
      return result;
    } catch (error) {
      if (!isTransportFailure(error)) this.#failures = 0;
      else if (gateway === this.#gateway && (this.#failures += 1) >= FAILURES) this.#replace();
      throw error;
    }
  }

  close(): void {
    this.#gateway.close();
    this.#client.close();
  }

  #replace(): void {
    const [client, gateway] = [this.#client, this.#gateway];
    [this.#client, this.#gateway] = this.#open();
    this.#failures = 0;
    setTimeout(() => {
      gateway.close();
      client.close();
    }, DRAIN).unref();
  }

  #open(): [Client, Gateway] {
    const { endpoint, tlsCa } = this.#connection.peer;
    const name = tlsName(endpoint);
    const client = new Client(endpoint, credentials.createSsl(Buffer.from(tlsCa)), {
      ...OPTIONS,
      ...(name !== undefined && { 'grpc.ssl_target_name_override': name }),
    });
    return [client, gatewayOf(client, this.#identity)];
  }
}

/** An address is no server name in TLS; certificates of local peers carry this one. */
export function tlsName(endpoint: string): string | undefined {
  return LOOPBACK.test(endpoint) ? 'localhost' : undefined;
}

function gatewayOf(client: Client, { identity, sign }: ServerIdentity): Gateway {
  return connect({ client, identity, signer: sign, hash: hash.none });
}
