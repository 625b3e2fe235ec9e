import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { accepts, untilListening } from './listening.ts';
import type { ChaincodeProgram } from '../chaincode/chaincode-program.ts';
import { preparePackage } from '../chaincode/lifecycle.ts';
import { chaincodeProcess, ordererProcess, peerProcess } from './network-processes.ts';
import type { NetworkContext } from './peer-cli.ts';
import { isRunning, runningProcess } from './pid-record.ts';
import { logPath, startProcess, type ProcessDefinition } from './start-process.ts';
import { stopProcess } from './stop-process.ts';
import { bindHost, type Organisation } from '../topology/topology.ts';

/** Each resolves when the process accepts connections, and does nothing if it runs already. */
export async function startOrderer(network: NetworkContext, o: Organisation): Promise<void> {
  const { topology, layout, bin } = network;
  await start(network, ordererProcess(topology, layout, bin, o), [
    o.ports.orderer,
    o.ports.ordererAdmin,
  ]);
}

export async function startPeer(network: NetworkContext, o: Organisation): Promise<void> {
  const { topology, layout, bin } = network;
  const definition = peerProcess(topology, layout, bin, o);
  if (runningProcess(layout.run, definition.name) === undefined) {
    // Builder results are made again in milliseconds; one left half-written would stop the chaincode.
    rmSync(join(layout.of(o).peer, 'data', 'externalbuilder'), { recursive: true, force: true });
  }
  await start(network, definition, [o.ports.peer]);
}

/** A chaincode process that runs under another package id is replaced. */
export async function startChaincode(
  network: NetworkContext,
  o: Organisation,
  program: ChaincodeProgram,
): Promise<void> {
  const { topology, layout } = network;
  const packageId = preparePackage(network, o, program).id;
  const definition = chaincodeProcess(topology, layout, o, { ...program, packageId });
  const running = runningProcess(layout.run, definition.name);
  if (running !== undefined && running.variant !== packageId) {
    await stopProcess(layout.run, definition.name, topology.timeouts.stop);
  }
  await start(network, { ...definition, variant: packageId }, [o.ports.chaincode]);
}

async function start(
  { topology, layout }: NetworkContext,
  definition: ProcessDefinition,
  ports: readonly number[],
): Promise<void> {
  const host = bindHost(topology) === '0.0.0.0' ? '127.0.0.1' : bindHost(topology);
  if (runningProcess(layout.run, definition.name) === undefined) {
    for (const port of ports) {
      if (await accepts(host, port)) {
        throw new Error(`${definition.name} needs port ${port}, which another process uses`);
      }
    }
  }
  const record = startProcess(layout, definition);
  for (const port of ports) {
    await untilListening(host, port, topology.timeouts.ready, () => {
      if (isRunning(record)) return true;
      const log = readFileSync(logPath(layout, definition.name), 'utf8').trimEnd().split('\n');
      throw new Error(`${definition.name} ended while starting:\n${log.slice(-12).join('\n')}`);
    });
  }
}
