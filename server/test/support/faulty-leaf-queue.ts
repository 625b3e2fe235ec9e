import { StoreUnavailable } from '../../src/store/errors.ts';
import type { LeafQueue } from '../../src/store/leaf-queue.ts';

/** One call that goes wrong: before its effect or after it; a kill makes the queue useless to its process from then on. */
export interface QueueFault {
  readonly step: 'openBatch' | 'closeBatch';
  readonly when: 'before' | 'after';
  readonly kill: boolean;
}

/** A leaf queue that goes wrong once, as told. `killed` tells when the process would have died. */
export function faultyLeafQueue(
  leaves: LeafQueue,
  fault: QueueFault | undefined,
): { readonly queue: LeafQueue; readonly killed: Promise<void> } {
  let pending = fault;
  let dead = false;
  const { promise: killed, resolve: kill } = Promise.withResolvers<undefined>();
  const happen = (step: PropertyKey, when: QueueFault['when']): void => {
    if (pending?.step === step && pending.when === when) {
      dead = pending.kill;
      pending = undefined;
      if (dead) kill(undefined);
      throw new StoreUnavailable('injected');
    }
  };
  const queue = new Proxy(leaves, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        if (dead) throw new StoreUnavailable('the process is dead');
        happen(name, 'before');
        const result: unknown = await Reflect.apply(method, target, args);
        happen(name, 'after');
        return result;
      };
    },
  });
  return { queue, killed };
}
