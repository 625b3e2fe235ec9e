import { resolve } from 'node:path';
import { layoutOf } from './topology/layout.ts';
import { withLock } from './processes/lock.ts';
import { findProcess, processNames } from './roles/network-processes.ts';
import { stopProcess } from './processes/stop-process.ts';
import { storedTopology } from './topology/stored-topology.ts';

/** Stops every process of the network that runs and returns their names. Data stays. */
export async function down(options: { readonly dataDir: string }): Promise<string[]> {
  return stop(options);
}

/** Stops the named processes (`orderer.pharmacy`), or all of them when none are named. */
export async function stop(options: {
  readonly dataDir: string;
  readonly processes?: readonly string[];
}): Promise<string[]> {
  const layout = layoutOf(resolve(options.dataDir));
  const topology = storedTopology(layout);
  if (topology === undefined) return [];
  for (const name of options.processes ?? []) findProcess(topology, name);
  return withLock(layout.lock, async () => {
    const names = options.processes ?? processNames(topology);
    const stopped = await Promise.all(
      names.map(async (name) =>
        (await stopProcess(layout.run, name, topology.timeouts.stop)) ? [name] : [],
      ),
    );
    return stopped.flat();
  });
}
