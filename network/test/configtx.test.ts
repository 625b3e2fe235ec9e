import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { configtx, PROFILE } from '../src/channel/configtx.ts';
import { layoutOf } from '../src/topology/layout.ts';
import { endorsementPolicy } from '../src/chaincode/lifecycle.ts';
import { ordererSettings, peerSettings } from '../src/processes/node-config.ts';
import { loadTopology } from '../src/topology/topology.ts';

const topology = loadTopology();
const layout = layoutOf('/data/network');

interface Profile {
  Capabilities: object;
  Orderer: {
    OrdererType: string;
    Capabilities: object;
    Addresses?: unknown;
    SmartBFT: Record<string, unknown>;
    ConsenterMapping: Record<string, unknown>[];
    Organizations: Organisation[];
    Policies: Record<string, { Rule: string }>;
  };
  Application: {
    Capabilities: object;
    Organizations: Organisation[];
    Policies: Record<string, { Rule: string }>;
  };
}
interface Organisation {
  ID: string;
  MSPDir: string;
  OrdererEndpoints: string[];
  AnchorPeers: { Host: string; Port: number }[];
  Policies: Record<string, { Rule: string }>;
}

/** As configtxgen will read it. */
function profile(): Profile {
  const written = parse(
    stringify(configtx(topology, layout), { aliasDuplicateObjects: false }),
  ) as {
    Profiles: Record<string, Profile>;
  };
  return written.Profiles[PROFILE]!;
}

describe('channel configuration', () => {
  it('has the capabilities that BFT ordering needs', () => {
    const { Capabilities, Orderer, Application } = profile();
    assert.deepEqual(
      [Capabilities, Orderer.Capabilities, Application.Capabilities],
      [{ V3_0: true }, { V2_0: true }, { V2_5: true }],
    );
    assert.equal(Orderer.OrdererType, 'BFT');
  });

  it('cuts blocks by the interval of the topology', () => {
    assert.equal(profile().Orderer.SmartBFT['RequestBatchMaxInterval'], '50ms');
  });

  it('has one consenter of each organisation, with its signing and TLS certificates', () => {
    assert.deepEqual(
      profile().Orderer.ConsenterMapping.map((c) => [c['ID'], c['Host'], c['Port'], c['MSPID']]),
      topology.organisations.map((o, i) => [i + 1, '127.0.0.1', o.ports.orderer, o.msp]),
    );
    assert.deepEqual(profile().Orderer.ConsenterMapping[0], {
      ID: 1,
      Host: '127.0.0.1',
      Port: 17050,
      MSPID: 'HospitalMSP',
      Identity: '/data/network/hospital/identities/orderer/msp/signcerts/certificate.pem',
      ClientTLSCert: '/data/network/hospital/identities/orderer/tls/certificate.pem',
      ServerTLSCert: '/data/network/hospital/identities/orderer/tls/certificate.pem',
    });
  });

  it('has no channel-wide orderer addresses but endpoints and an anchor peer of each organisation', () => {
    const { Orderer, Application } = profile();
    assert.equal(Orderer.Addresses, undefined);
    for (const [i, o] of topology.organisations.entries()) {
      assert.deepEqual(Application.Organizations[i]!.OrdererEndpoints, [
        `127.0.0.1:${o.ports.orderer}`,
      ]);
      assert.deepEqual(Application.Organizations[i]!.AnchorPeers, [
        { Host: '127.0.0.1', Port: o.ports.peer },
      ]);
    }
    assert.deepEqual(Orderer.Organizations, Application.Organizations);
  });

  it('lets no organisation change anything alone', () => {
    const { Orderer, Application } = profile();
    for (const policies of [Orderer.Policies, Application.Policies]) {
      assert.equal(policies['Admins']!.Rule, 'MAJORITY Admins');
    }
    assert.equal(Application.Policies['LifecycleEndorsement']!.Rule, 'MAJORITY Endorsement');
  });

  it('names each organisation’s own members only', () => {
    for (const o of profile().Application.Organizations) {
      for (const { Rule } of Object.values(o.Policies)) {
        const named = new Set([...Rule.matchAll(/'(\w+)\./g)].map(([, msp]) => msp));
        assert.deepEqual([...named], [o.ID]);
      }
    }
  });
});

describe('endorsement policy', () => {
  it('asks for peers of three of the four organisations: more than two can agree on a new key', () => {
    assert.equal(
      endorsementPolicy(topology),
      "OutOf(3, 'HospitalMSP.peer', 'PharmacyMSP.peer', 'InsurerMSP.peer', 'AuditorMSP.peer')",
    );
  });
});

describe('node settings', () => {
  const [hospital] = topology.organisations;
  const peer = peerSettings(topology, layout, hospital!) as {
    peer: { tls: { enabled: boolean }; authentication: object; handlers?: unknown };
    vm: object;
    chaincode: { keepalive: number; externalBuilders: { path: string }[] };
    ledger: { state: object };
  };

  it('use neither Docker nor CouchDB nor chaincode keepalive', () => {
    assert.deepEqual(peer.vm, { endpoint: '' });
    assert.deepEqual(peer.ledger.state, { stateDatabase: 'goleveldb' });
    assert.equal(peer.chaincode.keepalive, 0);
  });

  it('keep the check of proposal times that Fabric brings', () => {
    assert.equal(peer.peer.handlers, undefined);
    assert.deepEqual(peer.peer.authentication, { timewindow: '30s' });
  });

  it('have TLS everywhere, with client authentication for administration', () => {
    const orderer = ordererSettings(topology, layout, hospital!) as {
      General: { TLS: { Enabled: boolean }; BootstrapMethod: string };
      Admin: { TLS: { Enabled: boolean; ClientAuthRequired: boolean } };
    };
    assert.equal(peer.peer.tls.enabled, true);
    assert.equal(orderer.General.TLS.Enabled, true);
    assert.deepEqual(
      [orderer.Admin.TLS.Enabled, orderer.Admin.TLS.ClientAuthRequired],
      [true, true],
    );
  });
});
