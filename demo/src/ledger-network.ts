import { join } from 'node:path';
import { buildBinaries, down, status, up } from '../../network/src/index.ts';
import { loadTopology } from '../../network/src/topology.ts';
import type { LaunchOptions } from './launch-plan.ts';

type Report = (state: string) => void;

/** The Fabric network as the launcher handles it. */
export interface LedgerNetwork {
  readonly ports: () => readonly { readonly port: number; readonly use: string }[];
  /** Returns the number of processes that were still there. */
  readonly stopLeftovers: () => Promise<number>;
  readonly build: (report: Report) => Promise<undefined>;
  /** Starts what does not run. */
  readonly up: (report: Report) => Promise<undefined>;
  readonly down: () => Promise<void>;
  /** Tells of each process that dies, until the signal is aborted. */
  readonly watch: (signal: AbortSignal) => void;
}
