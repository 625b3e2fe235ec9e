import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Holds what operators see at /metrics. */
export interface Metrics {
  readonly registry: Registry;
  readonly versions: Counter;
  readonly disclosures: Counter;
  readonly disclosureTransactions: Counter;
  /** Holds what the sequencer reports. */
  readonly anchoring: {
    readonly lag: (ms: number) => void;
    readonly anchored: (leaves: number) => void;
  };
  /** Says whether the ledger holds something under our name that is not ours, and nothing is served. */
  readonly fault: (kept: string, there: boolean) => void;
  /** Says from now on how many attempts there were to write on the ledger what is not the writer's. */
  readonly unendorsed: (transactions: () => number) => void;
  /** Says from now on how many types are being indexed again. */
  readonly indexing: (types: () => number) => void;
  /** Says from now on of how many versions stored before the owners are still looked for. */
  readonly owners: (left: () => number) => void;
  /** Says from now on when each certificate ends. */
  readonly certificates: (read: CertificateTimes) => void;
}

interface CertificateTimes {
  readonly ends: () => readonly { readonly certificate: string; readonly expires: number }[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createMetrics(read: { readonly backlog: () => Promise<number> }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string): Counter =>
    new Counter({ name, help, registers: [registry] });
  const gauge = (name: string, help: string, value: () => Promise<number> | number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await value());
      },
    });
  gauge('chartseal_leaf_backlog', 'Leaves not anchored on the ledger yet', read.backlog);
  const leavesAnchored = counter(
    'chartseal_leaves_anchored_total',
    'Leaves anchored since the start',
  );
  const anchorTransactions = counter(
    'chartseal_anchor_transactions_total',
    'Append transactions since the start',
  );
  const anchorLag = new Histogram({
    name: 'chartseal_anchor_lag_seconds',
    help: 'From a leaf being durable to its append being VALID',
    buckets: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30],
    registers: [registry],
  });
  const faults = new Gauge({
    name: 'chartseal_serving_fault',
    help: '1 while the ledger holds something under our name that we did not put there; nothing is served then',
    labelNames: ['kept'],
    registers: [registry],
  });
  for (const kept of ['policy', 'log']) faults.set({ kept }, 0);
  return {
    registry,
    fault: (kept, there) => faults.set({ kept }, there ? 1 : 0),
    anchoring: {
      lag: (ms) => anchorLag.observe(ms / 1000),
      anchored: (leaves) => {
        leavesAnchored.inc(leaves);
        anchorTransactions.inc();
      },
    },
    certificates: (read) => void certificateGauge(registry, read),
    unendorsed: (transactions) =>
      void gauge(
        'chartseal_unendorsed_transactions',
        'Transactions on the channel refused since the start because their keys ask for other endorsers',
        transactions,
      ),
    indexing: (types) =>
      void gauge('chartseal_types_reindexing', 'Types whose index is not complete', types),
    owners: (left) =>
      void gauge(
        'chartseal_versions_without_owner',
        'Versions of before whose owners are still looked for; closed until then',
        left,
      ),
    versions: counter('chartseal_versions_total', 'Resource versions written since the start'),
    disclosures: counter(
      'chartseal_disclosures_total',
      'Decisions made by the ledger since the start',
    ),
    disclosureTransactions: counter(
      'chartseal_disclosure_transactions_total',
      'Disclosure transactions since the start',
    ),
  };
}

function certificateGauge(registry: Registry, { ends, now }: CertificateTimes): Gauge {
  return new Gauge({
    name: 'chartseal_certificate_expiry_seconds',
    help: 'Seconds until a certificate ends; negative once it has',
    labelNames: ['certificate'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { certificate, expires } of ends()) {
        this.set({ certificate }, (expires - now()) / 1000);
      }
    },
  });
}
