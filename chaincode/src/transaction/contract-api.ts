import { createRequire } from 'node:module';
import type { Context as FabricContext } from 'fabric-contract-api';
import type { Membership } from './key-policy.ts';

/**
 * The contract API, loaded so that it cannot change the fate of the process: its logger would catch every
 * unhandled rejection and uncaught exception of a process that merely imports it.
 */
const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
const before = EVENTS.map((event) => new Set<unknown>(process.listeners(event as never)));

const api = createRequire(import.meta.url)(
  'fabric-contract-api',
) as typeof import('fabric-contract-api');

EVENTS.forEach((event, i) => {
  for (const listener of process.listeners(event as never) as ((...args: unknown[]) => void)[]) {
    if (!before[i]?.has(listener)) process.removeListener(event, listener);
  }
});

export const Contract = api.Contract;
/** Holds what a transaction is given: the stub (state, arguments, time) and the caller's identity. */
export interface Context extends FabricContext {
  /**
   * The published type leaves out the arguments as bytes. `membership` is what the process was started with, which is
   * part of what organisations approved.
   */
  stub: FabricContext['stub'] & {
    getBufferArgs(): readonly Uint8Array[];
    readonly membership: Membership;
  };
}
