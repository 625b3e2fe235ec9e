import type { Client } from './client.ts';
import { round, runPhase, type Task } from './phase.ts';
import type { PhaseReport } from './report.ts';
import { increase, quantileOf, scrape, untilAnchored } from './server-metrics.ts';
import { ledgerBytes, processUse, type ProcessUse } from './stack-processes.ts';

const lag = 'chartseal_anchor_lag_seconds';

/** Runs one phase, waits until what it wrote is on the ledger, and works out what it cost. */
export async function measurePhase(
  stack: { readonly client: Client; readonly fhir: string; readonly dataDir: string },
  name: string,
  load: {
    readonly clients: number;
    readonly seconds: number;
    readonly next: () => Task | undefined;
  },
): Promise<PhaseReport> {
  const bytes = ledgerBytes(stack.dataDir);
  const use = processUse(stack.dataDir);
  const before = await scrape(stack.fhir);
  const began = performance.now();
  const result = await runPhase(stack.client, name, load);
  const after = await untilAnchored(stack.fhir);
  const seconds = (performance.now() - began) / 1000;
  const used = processUse(stack.dataDir);

  const grown = (metric: string): number => increase(metric, before, after);
  const versions = grown('chartseal_versions_total');
  const disclosures = grown('chartseal_disclosures_total');
  const facts = versions + disclosures;
  const transactions =
    versions > 0
      ? grown('chartseal_anchor_transactions_total')
      : grown('chartseal_disclosure_transactions_total');
  const lag50 = quantileOf(lag, 0.5, { before, after });
  const lag99 = quantileOf(lag, 0.99, { before, after });
  return {
    ...result,
    serverCpu: perRequest(result.requests, cpuOf('server.hospital', use, used)),
    stackCpu: perRequest(
      result.requests,
      [...used.keys()].reduce((sum, process) => sum + cpuOf(process, use, used), 0),
    ),
    ...(transactions === 0 ? {} : { perTransaction: round(facts / transactions, 1) }),
    leavesPerSecond: round(grown('chartseal_leaves_anchored_total') / seconds, 0),
    ...(lag50 === undefined ? {} : { lag50 }),
    ...(lag99 === undefined ? {} : { lag99 }),
    ...(facts === 0 ? {} : { ledgerBytes: round((ledgerBytes(stack.dataDir) - bytes) / facts, 0) }),
  };
}

function cpuOf(
  process: string,
  before: ReadonlyMap<string, ProcessUse>,
  after: ReadonlyMap<string, ProcessUse>,
): number {
  return (after.get(process)?.cpu ?? 0) - (before.get(process)?.cpu ?? 0);
}

function perRequest(requests: number, seconds: number): number {
  return round((seconds * 1000) / Math.max(requests, 1), 2);
}
