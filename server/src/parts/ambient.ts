import { randomBytes, randomUUID } from 'node:crypto';
import { randomPool } from '../random-pool.ts';

/** Holds what is around every part and never taken from anywhere else. */
export interface Ambient {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Monotonic, in ms. */
  readonly now: () => number;
  readonly newId: () => string;
  readonly random: (bytes: number) => Uint8Array;
}

/** A part of the server, with what it made; parts are closed in the reverse order of their making. */
export interface Part {
  readonly close: () => Promise<void> | void;
}

export const AMBIENT: Ambient = {
  clock: () => Date.now(),
  now: () => performance.now(),
  newId: () => randomUUID(),
  random: randomPool(randomBytes),
};

/** Closes the parts in the reverse order of their making; one that fails keeps none of the others open. */
export async function closeAll(parts: readonly Part[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed');
}
