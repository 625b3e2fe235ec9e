import { topologyBeside } from './fabric-ports.ts';
import type { LaunchOptions } from './launch-plan.ts';
import { fabricPorts, type LedgerNetwork } from './ledger-network.ts';
import { organisations } from './organisations.ts';
import { firstFree, type PortUse } from './ports.ts';

type Network = Pick<LedgerNetwork, 'ports' | 'keepsPorts'>;

/** Every port that a stack listens on. */
export function portsNeeded(
  { port }: Pick<LaunchOptions, 'port'>,
  network: Network | undefined,
): readonly PortUse[] {
  return [...serverPorts(port), ...(network?.ports() ?? [])];
}

/** Says what to do when one of them is taken: names a port that is free. */
export async function adviceOnPorts(
  { port }: Pick<LaunchOptions, 'port'>,
  network: Network | undefined,
): Promise<string> {
  const kept = network?.keepsPorts() === true;
  const elsewhere = (candidate: number): readonly PortUse[] =>
    network === undefined ? [] : fabricPorts(topologyBeside(candidate));
  const candidates = [...range(port + 10), ...range(8080)];
  // A network that was made stays where it is: then only another data folder leads away from what holds its ports.
  if (kept && (await firstFree([port], () => network.ports())) === undefined) {
    const free = await firstFree(candidates, (candidate) => [
      ...serverPorts(candidate),
      ...elsewhere(candidate),
    ]);
    return `Stop it, or start beside it: npm start -- --data <new folder> --port ${free ?? '<number>'}`;
  }
  const free = await firstFree(candidates, (candidate) => [
    ...serverPorts(candidate),
    ...(kept ? network.ports() : elsewhere(candidate)),
  ]);
  return `Stop it, or choose a free port: npm start -- --port ${free ?? '<number>'}`;
}

function serverPorts(first: number): readonly PortUse[] {
  return organisations.map(({ name }, index) => ({
    port: first + index,
    use: `the ${name}'s server`,
  }));
}

/** Up to a hundred ports that servers can begin at, ten apart. */
function range(first: number): readonly number[] {
  return Array.from({ length: 100 }, (_, index) => first + 10 * index).filter(
    (port) => port <= 65_532,
  );
}
