import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expiryOf, RENEWAL_WINDOW } from './identities/expiry.ts';
import { accepts } from './processes/listening.ts';
import { layoutOf } from './topology/layout.ts';
import { processName } from './processes/network-processes.ts';
import type { NetworkContext } from './processes/peer-cli.ts';
import { runningProcess } from './processes/pid-record.ts';
import { allCertificates } from './topology/certificates.ts';
import { storedTopology } from './topology/stored-topology.ts';
import { localHost, ROLES } from './topology/topology.ts';

export interface ProcessStatus {
  readonly name: string;
  /** `starting`: it runs but does not accept connections. */
  readonly state: 'up' | 'starting' | 'down';
  readonly pid?: number;
  readonly port: number;
}

export interface CertificateStatus {
  readonly name: string;
  readonly organisation: string;
  readonly path: string;
  /** Instant of its end, ISO 8601. */
  readonly expires: string;
  /** `due`: it ends within 30 days. */
  readonly state: 'valid' | 'due' | 'expired';
}

export interface NetworkStatus {
  /** False when the data folder holds no network yet. */
  readonly exists: boolean;
  /** True when every process is up. */
  readonly up: boolean;
  readonly channel?: string;
  readonly processes: readonly ProcessStatus[];
  /** The certificates that end first come first. */
  readonly certificates: readonly CertificateStatus[];
}

export async function status(options: { readonly dataDir: string }): Promise<NetworkStatus> {
  const layout = layoutOf(resolve(options.dataDir));
  const topology = storedTopology(layout);
  if (topology === undefined) return { exists: false, up: false, processes: [], certificates: [] };
  const host = localHost(topology);
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
  const certificates = certificateStatus({ topology, layout }, Date.now());
  return { exists: true, up: allUp, channel: topology.channel, processes, certificates };
}

function certificateStatus(
  { topology, layout }: Pick<NetworkContext, 'topology' | 'layout'>,
  now: number,
): readonly CertificateStatus[] {
  return topology.organisations
    .filter((o) => existsSync(layout.of(o).identities))
    .flatMap((o) =>
      allCertificates(topology, o, layout.of(o)).map(({ name, path }): CertificateStatus => {
        const end = expiryOf(path);
        const state = end <= now ? 'expired' : end <= now + RENEWAL_WINDOW ? 'due' : 'valid';
        return { name, organisation: o.name, path, expires: new Date(end).toISOString(), state };
      }),
    )
    .sort((a, b) => a.expires.localeCompare(b.expires));
}
