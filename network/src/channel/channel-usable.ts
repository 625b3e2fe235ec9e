import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, signers, type Contract } from '@hyperledger/fabric-gateway';
import { mspCertificate, mspKey } from '../topology/layout.ts';
import type { NetworkContext } from '../processes/peer-cli.ts';
import { addressOf, type Organisation } from '../topology/topology.ts';

/** A read that every organisation's server may make; it writes nothing. */
const PROBE = 'log:head';

/**
 * Waits until the server of every organisation, or of those given, could work: its own peer finds endorsers of enough
 * organisations, and the orderers commit a transaction, which is the only proof that they do.
 */
export async function untilChannelUsable(
  network: NetworkContext,
  organisations: readonly Organisation[] = network.topology.organisations,
): Promise<void> {
  const seconds = network.topology.timeouts.ready;
  const [first] = organisations;
  await Promise.all(organisations.map((o) => probe(network, o, { commit: o === first, seconds })));
}

/** The organisations whose servers could work now, or within seconds if something has just been started. */
export async function usableOrganisations(network: NetworkContext): Promise<Organisation[]> {
  const found = await Promise.all(
    network.topology.organisations.map((o) =>
      probe(network, o, { commit: true, seconds: 5 }).then(
        () => [o],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** `msp`s whose endorsement an organisation's server asks for, its own first. */
export function endorsersOf(
  { topology }: Pick<NetworkContext, 'topology'>,
  o: Organisation,
): string[] {
  const all = topology.organisations.map(({ msp }) => msp);
  const own = all.indexOf(o.msp);
  return [...all.slice(own), ...all.slice(0, own)];
}

async function probe(
  network: NetworkContext,
  o: Organisation,
  how: { readonly commit: boolean; readonly seconds: number },
): Promise<void> {
  await withContract(network, o, (contract) => probeBy(network, o, contract, how));
}

async function probeBy(
  network: NetworkContext,
  o: Organisation,
  contract: Contract,
  { commit, seconds }: { readonly commit: boolean; readonly seconds: number },
): Promise<void> {
  const { chaincode } = network.topology;
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      const proposal = contract.newProposal(PROBE, {
        arguments: [JSON.stringify({ msp: o.msp })],
        endorsingOrganizations: endorsersOf(network, o).slice(0, chaincode.endorsement),
      });
      const transaction = await proposal.endorse();
      if (!commit) return;
      const status = await (await transaction.submit()).getStatus();
      if (status.successful) return;
      throw new Error(`the probing transaction was invalidated with code ${status.code}`);
    } catch (error) {
      if (performance.now() > end) {
        throw new Error(`the channel is not usable for ${o.name}: ${describe(error)}`, {
          cause: error,
        });
      }
      await sleep(100);
    }
  }
}

async function withContract(
  { topology, layout }: NetworkContext,
  o: Organisation,
  use: (contract: Contract) => Promise<void>,
): Promise<void> {
  const { msps, tls } = layout.of(o);
  const client = new Client(
    addressOf(topology, o, 'peer'),
    credentials.createSsl(readFileSync(tls.peer.ca)),
    {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      // TLS names no IP addresses; every certificate of the network is also good for this name.
      'grpc.ssl_target_name_override': 'localhost',
    },
  );
  const deadline = () => ({ deadline: Date.now() + 10_000 });
  const gateway = connect({
    client,
    identity: { mspId: o.msp, credentials: readFileSync(mspCertificate(msps.server)) },
    signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(mspKey(msps.server)))),
    hash: hash.sha256,
    endorseOptions: deadline,
    submitOptions: deadline,
    commitStatusOptions: deadline,
  });
  try {
    await use(gateway.getNetwork(topology.channel).getContract(topology.chaincode.name));
  } finally {
    gateway.close();
    client.close();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = (error as { details?: readonly { address: string; message: string }[] }).details;
  return [error.message, ...(details ?? []).map((d) => `${d.address}: ${d.message}`)].join('; ');
}
