import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { Layout } from '../topology/layout.ts';
import { addressOf, bindHost, type Organisation, type Topology } from '../topology/topology.ts';
import { writeFileWhole } from '../write-file-whole.ts';

const BUILDER = fileURLToPath(new URL('../../builder', import.meta.url));

/** Tells where a peer's core.yaml and an orderer's orderer.yaml are written; FABRIC_CFG_PATH of that process. */
export const peerConfigDir = (layout: Layout, o: Organisation): string =>
  join(layout.of(o).peer, 'config');
export const ordererConfigDir = (layout: Layout, o: Organisation): string =>
  join(layout.of(o).orderer, 'config');

/** Fabric's own samples with what differs laid over them, so that every other value is its default. */
export function writeNodeConfigs(topology: Topology, layout: Layout, samples: string): void {
  const core = parse(readFileSync(join(samples, 'core.yaml'), 'utf8')) as Tree;
  const orderer = parse(readFileSync(join(samples, 'orderer.yaml'), 'utf8')) as Tree;
  for (const o of topology.organisations) {
    writeFileWhole(
      join(peerConfigDir(layout, o), 'core.yaml'),
      stringify(overlay(core, peerSettings(topology, layout, o))),
    );
    writeFileWhole(
      join(ordererConfigDir(layout, o), 'orderer.yaml'),
      stringify(overlay(orderer, ordererSettings(topology, layout, o))),
    );
  }
}

export function peerSettings(topology: Topology, layout: Layout, o: Organisation): Tree {
  const { peer: folder, tls, msps } = layout.of(o);
  const address = addressOf(topology, o, 'peer');
  const bind = bindHost(topology);
  const { gossip } = topology.peer;
  return {
    peer: {
      id: `peer.${o.name}`,
      networkId: topology.channel,
      listenAddress: `${bind}:${o.ports.peer}`,
      address,
      chaincodeListenAddress: `${bind}:${o.ports.chaincodeListener}`,
      chaincodeAddress: addressOf(topology, o, 'peer', 'chaincodeListener'),
      localMspId: o.msp,
      mspConfigPath: msps.peer,
      fileSystemPath: join(folder, 'data'),
      gossip: {
        bootstrap: address,
        externalEndpoint: address,
        reconnectInterval: gossip.reconnectInterval,
        publishStateInfoInterval: gossip.stateInterval,
        requestStateInfoInterval: gossip.stateInterval,
        aliveTimeInterval: gossip.aliveInterval,
        aliveExpirationTimeout: gossip.aliveExpiration,
      },
      tls: {
        enabled: true,
        clientAuthRequired: false,
        cert: { file: tls.peer.certificate },
        key: { file: tls.peer.key },
        rootcert: { file: tls.peer.ca },
        clientCert: { file: tls.peer.certificate },
        clientKey: { file: tls.peer.key },
      },
      authentication: { timewindow: topology.peer.proposalTimeWindow },
      limits: { concurrency: { gatewayService: topology.peer.gatewayConcurrency } },
    },
    // Empty: otherwise the peer looks for Docker.
    vm: { endpoint: '' },
    chaincode: {
      // The published shim ends its process on a keepalive message.
      keepalive: 0,
      externalBuilders: [
        {
          name: 'chartseal',
          path: BUILDER,
          propagateEnvironment: ['CHAINCODE_CLIENT_CERT', 'CHAINCODE_CLIENT_KEY'],
        },
      ],
    },
    ledger: {
      state: { stateDatabase: 'goleveldb' },
      snapshots: { rootDir: join(folder, 'data', 'snapshots') },
    },
    operations: { listenAddress: `${bind}:${o.ports.peerOperations}`, tls: { enabled: false } },
    metrics: { provider: 'prometheus' },
  };
}

export function ordererSettings(topology: Topology, layout: Layout, o: Organisation): Tree {
  const { orderer: folder, tls, msps } = layout.of(o);
  const bind = bindHost(topology);
  const own = tls.orderer;
  const serverTls = { Enabled: true, Certificate: own.certificate, PrivateKey: own.key };
  return {
    General: {
      ListenAddress: bind,
      ListenPort: o.ports.orderer,
      TLS: { ...serverTls, RootCAs: [own.ca], ClientAuthRequired: false, ClientRootCAs: [own.ca] },
      Cluster: { ClientCertificate: own.certificate, ClientPrivateKey: own.key },
      LocalMSPDir: msps.orderer,
      LocalMSPID: o.msp,
      BootstrapMethod: 'none',
    },
    FileLedger: { Location: join(folder, 'data') },
    Operations: { ListenAddress: `${bind}:${o.ports.ordererOperations}`, TLS: { Enabled: false } },
    Metrics: { Provider: 'prometheus' },
    Admin: {
      ListenAddress: `${bind}:${o.ports.ordererAdmin}`,
      TLS: { ...serverTls, RootCAs: [own.ca], ClientAuthRequired: true, ClientRootCAs: [own.ca] },
    },
    ChannelParticipation: { Enabled: true },
    Consensus: { WALDir: join(folder, 'data', 'wal'), SnapDir: join(folder, 'data', 'snapshot') },
  };
}

export interface Tree {
  readonly [key: string]: unknown;
}

/** Mappings are merged key by key, everything else is replaced. */
function overlay(base: Tree, over: Tree): Tree {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = isTree(under) && isTree(value) ? overlay(under, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
