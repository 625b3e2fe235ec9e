import { buildBinaries } from '../../network/src/build-binaries.ts';
import type { ProgressEvent } from '../../network/src/progress.ts';
import type { Topology } from '../../network/src/topology/topology.ts';
import { up } from '../../network/src/up.ts';

/** Holds what the launcher asks of this process, once. */
export type NetworkOrder =
  | { readonly act: 'build' }
  | { readonly act: 'up'; readonly folder: string; readonly topology: Topology };

/** Holds what this process tells the launcher. */
export interface NetworkWord {
  readonly state?: string;
  readonly failure?: string;
}

const tell = (word: NetworkWord): void => {
  process.send?.(word);
};

const onProgress = ({ step, state, note }: ProgressEvent): void => {
  if (state !== 'finished') tell({ state: note === undefined ? step : `${step}: ${note}` });
};

process.once('message', (order: NetworkOrder) => {
  const act =
    order.act === 'build'
      ? buildBinaries({ onProgress })
      : up({ dataDir: order.folder, topology: order.topology, onProgress });
  act.then(
    () => process.disconnect(),
    (error: unknown) => {
      tell({ failure: error instanceof Error ? error.message : String(error) });
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
// Without the launcher nobody could stop what this process is about to start.
process.once('disconnect', () => process.exit());
