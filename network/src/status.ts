import { resolve } from 'node:path';
import { accepts } from './processes/listening.ts';
import { layoutOf } from './topology/layout.ts';
import { processName } from './processes/network-processes.ts';
import { runningProcess } from './processes/pid-record.ts';
import { storedTopology } from './topology/stored-topology.ts';
import { bindHost, ROLES } from './topology/topology.ts';

export interface ProcessStatus {
  readonly name: string;
  /** `starting`: it runs but does not accept connections. */
  readonly state: 'up' | 'starting' | 'down';
  readonly pid?: number;
  readonly port: number;
}

export interface NetworkStatus {
  /** False when the data folder holds no network yet. */
  readonly exists: boolean;
  /** True when every process is up. */
  readonly up: boolean;
  readonly channel?: string;
  readonly processes: readonly ProcessStatus[];
}

export async function status(options: { readonly dataDir: string }): Promise<NetworkStatus> {
  const layout = layoutOf(resolve(options.dataDir));
  const topology = storedTopology(layout);
  if (topology === undefined) return { exists: false, up: false, processes: [] };
  const host = bindHost(topology) === '0.0.0.0' ? '127.0.0.1' : bindHost(topology);
  const processes = await Promise.all(
    ROLES.flatMap((role) =>
      topology.organisations.map(async (o): Promise<ProcessStatus> => {
        const name = processName(role, o);
        const port = o.ports[role];
        const running = runningProcess(layout.run, name);
        if (running === undefined) return { name, state: 'down', port };
        const state = (await accepts(host, port)) ? 'up' : 'starting';
        return { name, state, pid: running.pid, port };
      }),
    ),
  );
  const allUp = processes.every(({ state }) => state === 'up');
  return { exists: true, up: allUp, channel: topology.channel, processes };
}
