import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Longest time that others may have to wait, in milliseconds. */
export const LONGEST = 100;

const TRIES = 6;

/**
 * Tells how long the act keeps the event loop to itself on a quiet core, in milliseconds. The machine may be busy with
 * something else: what blocks by itself blocks again, so that the least of several tries counts, and no longer than the
 * processor worked for it.
 */
export async function blockedBy(act: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let least = Infinity;
  for (let tries = 0; least > LONGEST && tries < TRIES; tries += 1) {
    delay.reset();
    delay.enable();
    // It hears of a delay only after the first of its own timers.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const before = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(before);
    await new Promise((resolve) => setTimeout(resolve, 5));
    delay.disable();
    least = Math.min(least, delay.max / 1e6, (user + system) / 1e3);
  }
  return least;
}
