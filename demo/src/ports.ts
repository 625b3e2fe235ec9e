import { createServer } from 'node:net';

export interface PortUse {
  readonly port: number;
  /** Says what listens there, as `orderer of the hospital`. */
  readonly use: string;
}

/**
 * @param advice what to do about it, asked for only when a port is taken
 * @throws Error that names a port of 127.0.0.1 that another program holds, how many more there are, and the advice
 */
export async function checkPortsFree(
  ports: readonly PortUse[],
  advice: () => Promise<string>,
): Promise<void> {
  const taken: PortUse[] = [];
  for (const each of ports) if (!(await isFree(each.port))) taken.push(each);
  const [first] = taken;
  if (first === undefined) return;
  const more = taken.length === 1 ? '' : ` and ${taken.length - 1} more that are needed`;
  throw new Error(
    `Another program already listens on port ${first.port} (${first.use})${more}.\n${await advice()}`,
  );
}

/** The first of these server ports of which all is free that a stack there needs. */
export async function firstFree(
  candidates: Iterable<number>,
  needed: (candidate: number) => readonly PortUse[],
): Promise<number | undefined> {
  for (const candidate of candidates) {
    const free = async () => {
      for (const { port } of needed(candidate)) if (!(await isFree(port))) return false;
      return true;
    };
    if (await free()) return candidate;
  }
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
