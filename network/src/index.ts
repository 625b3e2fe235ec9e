export { buildBinaries, type Binaries } from './build-binaries.ts';
export { TopologyError } from './topology/check-topology.ts';
export type { ConnectionFile } from './identities/connection-file.ts';
export { down, stop } from './down.ts';
export { layoutOf, type Layout } from './topology/layout.ts';
export type { OnProgress, ProgressEvent } from './progress.ts';
export { CommandError } from './processes/run-command.ts';
export { renew, type Renewal, type RenewOptions } from './renew.ts';
export { start } from './start.ts';
export {
  status,
  type CertificateStatus,
  type NetworkStatus,
  type ProcessStatus,
} from './status.ts';
export { loadTopology, shiftPorts, type Organisation, type Topology } from './topology/topology.ts';
export { up, type UpOptions } from './up.ts';
