import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { TopologyError } from '../src/topology/check-topology.ts';
import { layoutOf } from '../src/topology/layout.ts';
import { storedTopology, storeTopology } from '../src/topology/stored-topology.ts';
import { loadTopology, shiftPorts } from '../src/topology/topology.ts';

const root = mkdtempSync(join(tmpdir(), 'stored-topology-'));
afterAll(() => rmSync(root, { recursive: true }));
const topology = loadTopology();
let count = 0;
const newLayout = () => layoutOf(join(root, String((count += 1))));

describe('the topology of a data folder', () => {
  it('is unknown before the first start', () => {
    assert.equal(storedTopology(newLayout()), undefined);
  });

  it('keeps the ports it was made with', () => {
    const layout = newLayout();
    const shifted = shiftPorts(topology, 1000);
    storeTopology(layout, shifted);
    assert.deepEqual(storedTopology(layout), shifted);
  });

  it('may get another code version, timeouts and peer settings', () => {
    const layout = newLayout();
    storeTopology(layout, topology);
    storeTopology(layout, {
      ...topology,
      logging: 'info',
      timeouts: { ...topology.timeouts, ready: 5 },
      chaincode: { ...topology.chaincode, version: '9', endorsement: 2 },
    });
  });

  for (const [what, change] of [
    ['channel', { channel: 'other' }],
    ['host', { host: 'localhost' }],
    ['ordering', { ordering: { ...topology.ordering, maxMessageCount: 1 } }],
    ['organisations', shiftPorts(topology, 10)],
    ['chaincode.name', { chaincode: { ...topology.chaincode, name: 'other' } }],
    ['chaincode.endorsement', { chaincode: { ...topology.chaincode, endorsement: 2 } }],
    ['chaincode.auditor', { chaincode: { ...topology.chaincode, auditor: 'HospitalMSP' } }],
  ] as const) {
    it(`cannot change its ${what}`, () => {
      const layout = newLayout();
      storeTopology(layout, topology);
      assert.throws(
        () => storeTopology(layout, { ...topology, ...change }),
        (error) => error instanceof TopologyError && error.faults.every((f) => f.startsWith(what)),
      );
      storeTopology(layout, topology);
    });
  }
});
