import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '@chartseal/network/start';
import { stop } from '@chartseal/network/down';
import { dataDir, delay } from './stack.ts';

const network = join(dataDir, 'network');

export function stopOrderers(...organisations: string[]): Promise<string[]> {
  return stop({ dataDir: network, processes: organisations.map((name) => `orderer.${name}`) });
}

export function startOrderers(...organisations: string[]): Promise<void> {
  return start({ dataDir: network, processes: organisations.map((name) => `orderer.${name}`) });
}

export function serverPid(organisation: string): number {
  const file = join(dataDir, 'run', `server.${organisation}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
}

/** The process of `npm start` that holds the stack together. */
export function launcherPid(): number {
  return (JSON.parse(readFileSync(join(dataDir, 'launcher.json'), 'utf8')) as { pid: number }).pid;
}

/** Repeats until it succeeds; fails with the last error. */
export async function eventually<T>(patience: number, act: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(200);
    }
  }
}
