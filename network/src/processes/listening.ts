import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a port accepts connections.
 * @param mayConnect asked before each try; throws when waiting has become pointless.
 */
export async function untilListening(
  host: string,
  port: number,
  seconds: number,
  mayConnect: () => boolean = () => true,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (mayConnect() && (await accepts(host, port))) return;
    await sleep(40);
  }
  throw new Error(`nothing listened on ${host}:${port} within ${seconds} s`);
}

export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** A process that has just ended may hold its ports for some milliseconds more, while its threads end. */
export async function becomesFree(host: string, port: number): Promise<boolean> {
  const end = performance.now() + 2_000;
  while (await accepts(host, port)) {
    if (performance.now() > end) return false;
    await sleep(40);
  }
  return true;
}
