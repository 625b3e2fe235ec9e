import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it } from '@jest/globals';
import { loadTopology } from '@chartseal/network/topology';
import { topologyBeside } from '../src/fabric-ports.ts';
import { fabricPorts } from '../src/ledger-network.ts';
import { adviceOnPorts, portsNeeded } from '../src/needed-ports.ts';
import { checkPortsFree } from '../src/ports.ts';

const fabricOf = (port: number) => fabricPorts(topologyBeside(port)).map((each) => each.port);
const networkAt = (port: number, kept: boolean) => ({
  ports: () => fabricPorts(topologyBeside(port)),
  keepsPorts: () => kept,
});

describe('the Fabric ports of a stack', () => {
  it('are those of topology.yaml where the servers have the default ports', () => {
    assert.deepEqual(topologyBeside(8080), loadTopology());
  });

  it('are no other stack’s, for any two server ports that are four or more apart', () => {
    const owners = new Map<number, number>();
    for (let port = 7_600; port < 13_000; port += 1) {
      for (const each of fabricOf(port)) {
        const first = owners.get(each) ?? port;
        assert.ok(port - first < 4, `servers at ${first} and ${port} share Fabric port ${each}`);
        owners.set(each, first);
      }
    }
  });

  it('are ports, and none of the stack’s own servers’, wherever the servers are', () => {
    for (let port = 1; port <= 65_532; port += 13) {
      for (const each of fabricOf(port)) {
        assert.ok(each >= 1024 && each <= 65_535, `${each}`);
        assert.ok(each < port || each > port + 3, `servers at ${port} have Fabric port ${each}`);
      }
    }
  });
});

describe('a port that is taken', () => {
  const first = 29_700;

  it('is told in two short lines, with a port that is free for servers and network', async () => {
    const network = networkAt(first, false);
    const [fabric] = fabricOf(first);
    const others = [first, first + 12, fabric ?? 0].map((port) =>
      createServer().listen(port, '127.0.0.1'),
    );
    await Promise.all(others.map((other) => once(other, 'listening')));
    try {
      const needed = portsNeeded({ port: first }, network);
      await assert.rejects(
        checkPortsFree(needed, () => adviceOnPorts({ port: first }, network)),
        ({ message }: Error) => {
          assert.equal(
            message,
            `Another program already listens on port ${first} (the hospital's server) and 1 more that are needed.\n` +
              `Stop it, or choose a free port: npm start -- --port ${first + 20}`,
          );
          assert.ok(message.split('\n').every((line) => line.length < 110));
          return true;
        },
      );
    } finally {
      for (const other of others) other.close();
    }
  });

  it('asks for another data folder where the network that was made keeps it', async () => {
    const network = networkAt(first, true);
    const [fabric] = fabricOf(first);
    const other = createServer().listen(fabric, '127.0.0.1');
    await once(other, 'listening');
    try {
      assert.equal(
        await adviceOnPorts({ port: first }, network),
        `Stop it, or start beside it: npm start -- --data <new folder> --port ${first + 10}`,
      );
    } finally {
      other.close();
    }
  });

  it('is named before anything starts', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const advice = () => Promise.resolve('Stop it.');
    await assert.rejects(checkPortsFree([{ port, use: 'test' }], advice), {
      message: `Another program already listens on port ${port} (test).\nStop it.`,
    });
    await new Promise((resolve) => other.close(resolve));
    await checkPortsFree([{ port, use: 'test' }], advice);
  });
});
