import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { becomesFree, untilListening } from '../processes/listening.ts';
import type { ChaincodeProgram } from '../chaincode/chaincode-program.ts';
import { preparePackage } from '../chaincode/lifecycle.ts';
import { chaincodeProcess, ordererProcess, peerProcess, processName } from './network-processes.ts';
import type { NetworkContext } from '../processes/peer-cli.ts';
import { isRunning, runningProcess } from '../processes/pid-record.ts';
import { logPath, startProcess, type ProcessDefinition } from '../processes/start-process.ts';
import { stopProcess } from '../processes/stop-process.ts';
import { issuedCertificates } from '../topology/certificates.ts';
import { localHost, type Organisation, type Role } from '../topology/topology.ts';

/**
 * Each resolves when the process accepts connections. One that runs with what it would be started with is left
 * alone; one that runs with other certificates, or under another package id, is replaced.
 */
export async function startOrderer(network: NetworkContext, o: Organisation): Promise<void> {
  const { topology, layout, bin } = network;
  const definition = ordererProcess(topology, layout, bin, o);
  const variant = certificatesOf(network, 'orderer', o);
  await start(network, { ...definition, variant }, [o.ports.orderer, o.ports.ordererAdmin]);
}

export async function startPeer(network: NetworkContext, o: Organisation): Promise<void> {
  const { topology, layout, bin } = network;
  const definition = peerProcess(topology, layout, bin, o);
  const variant = certificatesOf(network, 'peer', o);
  await start(network, { ...definition, variant }, [o.ports.peer], () => {
    // Builder results are made again in milliseconds; one left half-written would stop the chaincode,
    // and they hold the peer's certificate of then.
    rmSync(join(layout.of(o).peer, 'data', 'externalbuilder'), { recursive: true, force: true });
  });
}

export async function startChaincode(
  network: NetworkContext,
  o: Organisation,
  program: ChaincodeProgram,
): Promise<void> {
  const { topology, layout } = network;
  const packageId = preparePackage(network, o, program).id;
  const definition = chaincodeProcess(topology, layout, o, { ...program, packageId });
  const variant = `${packageId} ${certificatesOf(network, 'chaincode', o)}`;
  await start(network, { ...definition, variant }, [o.ports.chaincode]);
}

/** True of a process that runs with certificates that have been replaced since it started. */
export function holdsOldCertificates(
  network: Pick<NetworkContext, 'topology' | 'layout'>,
  role: Role,
  o: Organisation,
): boolean {
  const running = runningProcess(network.layout.run, processName(role, o));
  if (running === undefined) return false;
  return !(running.variant ?? '').endsWith(certificatesOf(network, role, o));
}

/** Tells apart processes that were started with different certificates. */
function certificatesOf(
  { topology, layout }: Pick<NetworkContext, 'topology' | 'layout'>,
  role: Role,
  o: Organisation,
): string {
  const hash = createHash('sha256');
  for (const { owner, path } of issuedCertificates(topology, o, layout.of(o))) {
    if (owner === role) hash.update(readFileSync(path));
  }
  return `certificates-${hash.digest('hex').slice(0, 16)}`;
}

async function start(
  { topology, layout }: NetworkContext,
  definition: ProcessDefinition,
  ports: readonly number[],
  prepare: () => void = () => undefined,
): Promise<void> {
  const host = localHost(topology);
  const running = runningProcess(layout.run, definition.name);
  if (running !== undefined && running.variant !== definition.variant) {
    await stopProcess(layout.run, definition.name, topology.timeouts.stop);
  }
  if (runningProcess(layout.run, definition.name) === undefined) {
    prepare();
    for (const port of ports) {
      if (!(await becomesFree(host, port))) {
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
