import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { checkTopology, TopologyError } from '../src/topology/check-topology.ts';
import {
  addressOf,
  bindHost,
  hostOf,
  loadTopology,
  quorumOf,
  shiftPorts,
  type Topology,
} from '../src/topology/topology.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

function faultsOf(change: (topology: Mutable<Topology>) => void): readonly string[] {
  const topology = structuredClone(loadTopology()) as Mutable<Topology>;
  change(topology);
  try {
    checkTopology(topology, 'test');
  } catch (error) {
    assert.ok(error instanceof TopologyError);
    return error.faults;
  }
  return [];
}

describe('topology.yaml', () => {
  it('names the four organisations, channel and chaincode of the design', () => {
    const topology = loadTopology();
    assert.deepEqual(
      topology.organisations.map(({ name, msp, reference }) => [name, msp, reference]),
      [
        ['hospital', 'HospitalMSP', 'Organization/hospital'],
        ['pharmacy', 'PharmacyMSP', 'Organization/pharmacy'],
        ['insurer', 'InsurerMSP', 'Organization/insurer'],
        ['auditor', 'AuditorMSP', 'Organization/auditor'],
      ],
    );
    assert.deepEqual(
      [topology.channel, topology.chaincode.name, topology.chaincode.endorsement],
      ['records', 'chartseal', 3],
    );
    assert.equal(topology.host, '127.0.0.1');
  });

  it('is accepted as it is', () => {
    assert.deepEqual(
      faultsOf(() => undefined),
      [],
    );
  });

  it('needs three of four orderers', () => {
    assert.equal(quorumOf(loadTopology()), 3);
  });
});

describe('a faulty topology', () => {
  const cases: readonly [string, (t: Mutable<Topology>) => void, RegExp][] = [
    [
      'two listeners on a port',
      (t) => (t.organisations[1]!.ports.peer = 17050),
      /port 17050 is used twice/,
    ],
    [
      'two organisations of one name',
      (t) => (t.organisations[1]!.name = 'hospital'),
      /name "hospital" is used twice/,
    ],
    [
      'one MSP twice',
      (t) => (t.organisations[1]!.msp = 'HospitalMSP'),
      /msp "HospitalMSP" is used twice/,
    ],
    [
      'a name that is a path',
      (t) => (t.organisations[0]!.name = '../etc'),
      /organisations\[0\]\.name/,
    ],
    ['a quote in an MSP id', (t) => (t.organisations[0]!.msp = "A'MSP"), /organisations\[0\]\.msp/],
    [
      'a reference to a person',
      (t) => (t.organisations[0]!.reference = 'Patient/1'),
      /reference must be/,
    ],
    ['a privileged port', (t) => (t.organisations[0]!.ports.ca = 80), /ports\.ca must be a port/],
    ['no auditor', (t) => (t.chaincode.auditor = 'NobodyMSP'), /chaincode\.auditor must be/],
    ['no number of endorsers', (t) => (t.chaincode.endorsement = 0), /chaincode\.endorsement/],
    [
      'more endorsers than organisations',
      (t) => (t.chaincode.endorsement = 5),
      /more organisations than/,
    ],
    [
      'a duration without unit',
      (t) => (t.ordering.requestBatchMaxInterval = '50'),
      /requestBatchMaxInterval/,
    ],
    ['three organisations', (t) => void t.organisations.splice(1, 1), /at least 4/],
    [
      'an unknown parameter',
      (t) => ((t as Record<string, unknown>)['chanel'] = 'x'),
      /unknown member: chanel$/,
    ],
    [
      'an unknown parameter of a group',
      (t) => ((t.ordering as Record<string, unknown>)['maxMesageCount'] = 1),
      /^ordering has an unknown member: maxMesageCount$/,
    ],
    [
      'a group that is missing',
      (t) => delete (t.peer as { gossip?: unknown }).gossip,
      /^peer\.gossip must be present$/,
    ],
  ];
  for (const [name, change, expected] of cases) {
    it(`is refused: ${name}`, () => {
      const faults = faultsOf(change);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0]!, expected);
    });
  }

  it('is refused with all its faults at once', () => {
    const faults = faultsOf((t) => {
      t.channel = 'Not A Channel';
      t.organisations[0]!.name = '../etc';
      t.organisations[2]!.ports.orderer = 1;
      t.organisations[3]!.ports.ca = t.organisations[3]!.ports.peer;
      t.chaincode.endorsement = 5;
    });
    assert.deepEqual(faults, [
      'channel must be text like ^[a-z][a-z0-9-]{0,30}$',
      'organisations[0].name must be text like ^[a-z][a-z0-9-]{0,30}$',
      'organisations[2].ports.orderer must be a port from 1024 to 65535',
      `port ${loadTopology().organisations[3]!.ports.peer} is used twice`,
      'chaincode.endorsement asks for more organisations than there are',
    ]);
  });

  for (const value of [null, undefined, [], 'text', 7]) {
    it(`is refused when it is ${JSON.stringify(value)}`, () => {
      assert.throws(() => checkTopology(value, 'test'), TopologyError);
    });
  }
});

describe('addresses', () => {
  it('are on loopback by default', () => {
    const topology = loadTopology();
    const [hospital] = topology.organisations;
    assert.equal(addressOf(topology, hospital!, 'peer'), '127.0.0.1:17051');
    assert.equal(addressOf(topology, hospital!, 'peer', 'chaincodeListener'), '127.0.0.1:17052');
    assert.equal(bindHost(topology), '127.0.0.1');
  });

  it('follow a host pattern', () => {
    const topology = { ...loadTopology(), host: '{role}.{organisation}' };
    assert.equal(hostOf(topology, 'orderer', topology.organisations[1]!), 'orderer.pharmacy');
    assert.equal(bindHost(topology), '0.0.0.0');
  });

  it('move together', () => {
    const shifted = shiftPorts(loadTopology(), 1000);
    assert.equal(
      shifted.organisations[3]!.ports.ca,
      loadTopology().organisations[3]!.ports.ca + 1000,
    );
    assert.throws(() => shiftPorts(loadTopology(), 60_000), TopologyError);
  });
});
