import { mspCertificate, type Layout } from '../topology/layout.ts';
import { addressOf, hostOf, type Organisation, type Topology } from '../topology/topology.ts';

export const PROFILE = 'Channel';

/**
 * Contents of configtx.yaml: the channel's first configuration.
 * Each organisation is both an application member and the owner of one BFT orderer, so that no
 * organisation alone can order, endorse or reconfigure.
 */
export function configtx(topology: Topology, layout: Layout): object {
  const organisations = topology.organisations.map((o) => organisation(topology, layout, o));
  return {
    Profiles: {
      [PROFILE]: {
        Capabilities: { V3_0: true },
        Policies: metaPolicies(),
        Orderer: {
          ...orderingService(topology, layout),
          Organizations: organisations,
          Capabilities: { V2_0: true },
          Policies: { ...metaPolicies(), BlockValidation: meta('ANY Writers') },
        },
        Application: {
          ACLs: {},
          Organizations: organisations,
          Capabilities: { V2_5: true },
          Policies: {
            ...metaPolicies(),
            Endorsement: meta('MAJORITY Endorsement'),
            LifecycleEndorsement: meta('MAJORITY Endorsement'),
          },
        },
      },
    },
  };
}

function orderingService(topology: Topology, layout: Layout): object {
  const { ordering } = topology;
  return {
    OrdererType: 'BFT',
    BatchTimeout: ordering.requestBatchMaxInterval,
    BatchSize: {
      MaxMessageCount: ordering.maxMessageCount,
      AbsoluteMaxBytes: ordering.absoluteMaxBytes,
      PreferredMaxBytes: ordering.preferredMaxBytes,
    },
    SmartBFT: {
      RequestBatchMaxInterval: ordering.requestBatchMaxInterval,
      RequestForwardTimeout: ordering.requestForwardTimeout,
      RequestComplainTimeout: ordering.requestComplainTimeout,
      RequestAutoRemoveTimeout: '3m0s',
      ViewChangeResendInterval: '2s',
      ViewChangeTimeout: ordering.viewChangeTimeout,
      LeaderHeartbeatTimeout: ordering.leaderHeartbeatTimeout,
      CollectTimeout: '1s',
      IncomingMessageBufferSize: 200,
      RequestPoolSize: 100000,
      LeaderHeartbeatCount: 10,
    },
    ConsenterMapping: topology.organisations.map((o, index) => ({
      ID: index + 1,
      Host: hostOf(topology, 'orderer', o),
      Port: o.ports.orderer,
      MSPID: o.msp,
      Identity: mspCertificate(layout.of(o).msps.orderer),
      ClientTLSCert: layout.of(o).tls.orderer.certificate,
      ServerTLSCert: layout.of(o).tls.orderer.certificate,
    })),
  };
}

function organisation(topology: Topology, layout: Layout, o: Organisation): object {
  return {
    Name: o.msp,
    ID: o.msp,
    MSPDir: layout.of(o).msp,
    Policies: {
      Readers: signature(
        `OR('${o.msp}.admin', '${o.msp}.peer', '${o.msp}.orderer', '${o.msp}.client')`,
      ),
      Writers: signature(`OR('${o.msp}.admin', '${o.msp}.orderer', '${o.msp}.client')`),
      Admins: signature(`OR('${o.msp}.admin')`),
      Endorsement: signature(`OR('${o.msp}.peer')`),
    },
    // With capability V3_0 there are no channel-wide orderer addresses.
    OrdererEndpoints: [addressOf(topology, o, 'orderer')],
    // Without an anchor peer of every organisation a gateway finds no endorsement plan across them.
    AnchorPeers: [{ Host: hostOf(topology, 'peer', o), Port: o.ports.peer }],
  };
}

const meta = (rule: string) => ({ Type: 'ImplicitMeta', Rule: rule });
const signature = (rule: string) => ({ Type: 'Signature', Rule: rule });
const metaPolicies = () => ({
  Readers: meta('ANY Readers'),
  Writers: meta('ANY Writers'),
  Admins: meta('MAJORITY Admins'),
});
