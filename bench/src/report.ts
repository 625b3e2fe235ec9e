import type { PhaseResult } from './phase.ts';

/** Holds what one phase cost the ledger and the machine, beside what the client saw. */
export interface PhaseReport extends PhaseResult {
  /** CPU milliseconds per request of the hospital's server, and of all processes of the stack. */
  readonly serverCpu: number;
  readonly stackCpu: number;
  /** Versions or disclosures per Fabric transaction; undefined when the phase made none. */
  readonly perTransaction?: number;
  /** Leaves anchored per second until none was left. */
  readonly leavesPerSecond?: number;
  /** Seconds, upper bounds. */
  readonly lag50?: number;
  readonly lag99?: number;
  /** Bytes on each peer per version written or disclosure recorded, its leaf included. */
  readonly ledgerBytes?: number;
}

export interface Report {
  readonly started: string;
  readonly ledger: string;
  readonly machine: { readonly cpus: number; readonly model: string; readonly node: string };
  readonly phases: readonly PhaseReport[];
  /** MiB resident, by process, after the last phase. */
  readonly memory: Readonly<Record<string, number>>;
}

const columns: readonly (readonly [
  title: string,
  value: (phase: PhaseReport) => string | number | undefined,
])[] = [
  ['phase', (p) => p.name],
  ['clients', (p) => p.clients],
  ['requests', (p) => p.requests],
  ['per s', (p) => p.perSecond],
  ['p50 ms', (p) => p.p50],
  ['p95 ms', (p) => p.p95],
  ['p99 ms', (p) => p.p99],
  ['wrong', (p) => p.wrong],
  ['server CPU ms', (p) => p.serverCpu],
  ['stack CPU ms', (p) => p.stackCpu],
  ['per Fabric tx', (p) => p.perTransaction],
  ['leaves/s', (p) => p.leavesPerSecond],
  ['lag p50 s ≤', (p) => p.lag50],
  ['lag p99 s ≤', (p) => p.lag99],
  ['ledger B', (p) => p.ledgerBytes],
];

export function tableOf(report: Report): string {
  const rows = [
    columns.map(([title]) => title),
    ...report.phases.map((phase) => columns.map(([, value]) => String(value(phase) ?? ''))),
  ];
  const widths = columns.map((_column, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '));
  const memory = Object.entries(report.memory).map(
    ([name, mib]) => `  ${name.padEnd(24)} ${mib} MiB`,
  );
  const total = Object.values(report.memory).reduce((sum, mib) => sum + mib, 0);
  return [...lines, '', 'Memory', ...memory, `  ${'all'.padEnd(24)} ${total} MiB`].join('\n');
}
