import type { FastifyBaseLogger } from 'fastify';
import type { R4 } from '../r4/r4.ts';
import { IndexUpkeep } from '../interactions/index/index-upkeep.ts';
import { tellOfParameters } from '../interactions/index/tell-of-parameters.ts';
import { OfferedQueries } from '../interactions/search/offered-queries.ts';
import type { Metrics } from '../metrics.ts';
import type { Ambient, Part } from './ambient.ts';
import type { StorePart } from './store.ts';

export interface IndexingPart extends Part {
  readonly upkeep: IndexUpkeep;
  /** Named queries that can be asked. */
  readonly queries: OfferedQueries;
  /** These versions were written; resolves when all that follows for searches is done. */
  readonly written: (versions: readonly { readonly type: string }[]) => Promise<void>;
}

/** Keeps the index up with the search parameters there are. */
export async function startIndexing(
  { store, r4, base }: StorePart & { readonly r4: R4; readonly base: string },
  { now, log, metrics }: Ambient & { readonly log: FastifyBaseLogger; readonly metrics: Metrics },
): Promise<IndexingPart> {
  const upkeep = new IndexUpkeep({
    store,
    r4,
    now,
    // Servers that share a store tell each other by it.
    ...(store.shared ? { grace: 10_000, poll: 4_000 } : { grace: 100, poll: undefined }),
    log: {
      progress: (status) => log.info(status, 'indexed again'),
      failed: (error) => log.warn({ err: error }, 'the index cannot be kept up; trying again'),
    },
  });
  await upkeep.start();
  tellOfParameters(log, r4);
  metrics.indexing(() => upkeep.status().length);
  const queries = new OfferedQueries({ store, r4, base }, now);
  return {
    upkeep,
    queries,
    written: async (versions) => {
      metrics.versions.inc(versions.length);
      if (versions.some(({ type }) => type === 'SearchParameter')) await upkeep.refresh();
      if (versions.some(({ type }) => type === 'OperationDefinition')) queries.forget();
    },
    close: () => upkeep.stop(),
  };
}
