import type { FastifyBaseLogger } from 'fastify';
import { Serving } from '../ledger/serving.ts';
import type { Metrics } from '../metrics.ts';

/** Says whether this server may serve, and raises the alarm where it may not. */
export function makeServing({
  metrics,
  log,
}: {
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
}): Serving {
  return new Serving((kept, reason) => {
    metrics.fault(kept, reason !== undefined);
    if (reason === undefined) log.warn({ kept }, 'what the ledger holds is ours again');
    else log.error({ kept, reason }, 'ALARM: nothing is served');
  });
}
