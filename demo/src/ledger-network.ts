import { fork } from 'node:child_process';
import { join } from 'node:path';
import { down } from '../../network/src/down.ts';
import { layoutOf } from '../../network/src/topology/layout.ts';
import { processNames } from '../../network/src/processes/network-processes.ts';
import { storedTopology } from '../../network/src/topology/stored-topology.ts';
import { PORT_NAMES, type Topology } from '../../network/src/topology/topology.ts';
import { topologyBeside } from './fabric-ports.ts';
import type { PortUse } from './ports.ts';
import { watchProcesses, type TellEnd } from './watch-processes.ts';
import type { NetworkOrder, NetworkWord } from './network-worker.ts';

type Report = (state: string) => void;

/** The Fabric network of one data folder, as the launcher handles it. */
export interface LedgerNetwork {
  readonly ports: () => readonly PortUse[];
  /** True of a network that was made: it keeps its ports, wherever the servers are. */
  readonly keepsPorts: () => boolean;
  /** Builds the programs that are missing. */
  readonly build: (report: Report, signal: AbortSignal) => Promise<undefined>;
  /** Creates what is missing and starts what does not run. */
  readonly up: (report: Report, signal: AbortSignal) => Promise<undefined>;
  /** Returns the number of processes that ran. */
  readonly down: () => Promise<number>;
  /** Tells of each process that dies or is stopped from now on, until the signal is aborted. */
  readonly watch: (signal: AbortSignal, told: TellEnd) => void;
}

export function ledgerNetwork(dataDir: string, firstServerPort: number): LedgerNetwork {
  const folder = join(dataDir, 'network');
  const layout = layoutOf(folder);
  /** Settles when the worker under way has ended; undefined when none was interrupted. */
  let underWay: Promise<unknown> | undefined;
  const topology = (): Topology => storedTopology(layout) ?? topologyBeside(firstServerPort);
  return {
    ports: () => fabricPorts(topology()),
    keepsPorts: () => storedTopology(layout) !== undefined,
    build: (report, signal) => inWorker({ act: 'build' }, report, signal),
    up: async (report, signal) => {
      const order = { act: 'up', folder, topology: topology() } as const;
      const work = inWorker(order, report, signal);
      underWay = work.catch(() => undefined);
      await work;
      underWay = undefined;
      return undefined;
    },
    down: async () => {
      await underWay;
      let stopped = (await down({ dataDir: folder })).length;
      if (underWay !== undefined) {
        // Anything that an interrupted `up` has just begun appears on record only some milliseconds after it runs.
        for (let quiet = 0; quiet < 4; quiet += 1) {
          await new Promise((resolve) => setTimeout(resolve, 250));
          const late = (await down({ dataDir: folder })).length;
          if (late > 0) quiet = 0;
          stopped += late;
        }
      }
      return stopped;
    },
    watch: (signal, told) => {
      const { run, lock } = layout;
      watchProcesses({ names: processNames(topology()), run, lock, told }, signal);
    },
  };
}

export function fabricPorts(topology: Topology): readonly PortUse[] {
  return topology.organisations.flatMap(({ name, ports }) =>
    PORT_NAMES.map((use) => ({ port: ports[use], use: `${use} of the ${name}` })),
  );
}

/** In a process group of its own, so that an interrupted act ends at once with all it has begun. */
function inWorker(order: NetworkOrder, report: Report, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve, reject) => {
    const worker = fork(join(import.meta.dirname, 'network-worker.ts'), { detached: true });
    let failure: string | undefined;
    const interrupt = (): void => {
      if (worker.pid !== undefined) process.kill(-worker.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', interrupt, { once: true });
    worker.on('message', (word: NetworkWord) => {
      if (word.failure !== undefined) failure = word.failure;
      else if (word.state !== undefined) report(word.state);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', interrupt);
      if (code === 0) resolve(undefined);
      else reject(new Error(failure ?? 'the Fabric network was interrupted'));
    });
    worker.send(order);
    if (signal.aborted) interrupt();
  });
}
