import { MerkleReader } from '@chartseal/evidence';
import type { FastifyBaseLogger } from 'fastify';
import type { Serving } from '../ledger/serving.ts';
import type { Metrics } from '../metrics.ts';
import { EvidenceMaker } from '../provenance/evidence.ts';
import { Leadership } from '../provenance/leadership.ts';
import { Sequencer } from '../provenance/sequencer.ts';
import type { Ambient } from './ambient.ts';
import type { LedgerPart } from './ledger.ts';
import type { StorePart } from './store.ts';

export interface AnchoringPart {
  readonly sequencer: Sequencer;
  readonly evidence: EvidenceMaker;
}

/** Takes leaves to the ledger and proves them. The activation of the server starts and stops the sequencer. */
export function makeAnchoring(
  { store, ledger, channel }: StorePart & LedgerPart,
  { now, newId }: Ambient,
  by: {
    readonly metrics: Metrics;
    readonly log: FastifyBaseLogger;
    readonly serving: Serving;
  },
): AnchoringPart {
  const queue = store.leaves;
  const log = new MerkleReader((from, to) => queue.leafHashes(from, to));
  const sequencer = new Sequencer({
    queue,
    ledger,
    log,
    now,
    leadership: store.shared ? new Leadership({ store, of: 'anchoring', newId, now }) : undefined,
    metrics: {
      ...by.metrics.anchoring,
      contradicted: (reason) => by.serving.found('log', reason),
      failed: (error) => by.log.warn({ err: error }, 'anchoring failed; it will be tried again'),
    },
  });
  return { sequencer, evidence: new EvidenceMaker({ queue, channel, log }) };
}
