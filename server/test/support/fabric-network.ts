import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as network from '@chartseal/network';
import { readConnectionFile } from '../../src/ledger/fabric/connection-file.ts';
import {
  FabricChannel,
  type FabricChannelOptions,
} from '../../src/ledger/fabric/fabric-channel.ts';

/** A Fabric network for tests: the one whose data folder CHARTSEAL_TEST_NETWORK names, else one of its own. */
export interface TestNetwork {
  open(organisation: string, options?: Partial<FabricChannelOptions>): Promise<FabricChannel>;
  /** Processes by role and organisation: `orderer.pharmacy`. */
  stop(processes: readonly string[]): Promise<void>;
  start(processes: readonly string[]): Promise<void>;
  /** Number of the last block that each orderer decided with the others, not only copied; -1 if it does not answer. */
  decided(): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Ports away from those of a network that a developer may be running. */
const PORT_OFFSET = 4000;

export async function testNetwork(): Promise<TestNetwork> {
  const given = process.env['CHARTSEAL_TEST_NETWORK'];
  const dataDir = given ?? mkdtempSync(join(tmpdir(), 'chartseal-network-'));
  const topology = network.shiftPorts(
    network.loadTopology(),
    given === undefined ? PORT_OFFSET : 0,
  );
  if (given === undefined) {
    await network.up({ dataDir, trustFile: join(dataDir, 'trust.json'), topology });
  }
  return {
    open: async (organisation, options) => {
      const connection = await readConnectionFile(join(dataDir, organisation, 'connection.json'));
      return new FabricChannel({ connection, now: Date.now, ...options });
    },
    stop: async (processes) => {
      await network.stop({ dataDir, processes });
    },
    start: (processes) => network.start({ dataDir, processes }),
    decided: () =>
      Promise.all(
        topology.organisations.map(async ({ ports }) => {
          const metrics = `http://127.0.0.1:${ports.ordererOperations}/metrics`;
          const text = await fetch(metrics).then(
            (response) => response.text(),
            () => '',
          );
          return Number(
            /^consensus_BFT_committed_block_number\{[^}]*\} (\S+)$/m.exec(text)?.[1] ?? -1,
          );
        }),
      ),
    close: async () => {
      if (given !== undefined) return;
      await network.down({ dataDir });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
