import type { FastifyBaseLogger } from 'fastify';
import { LaterOwners, type Finding } from '../interactions/change/later-owners.ts';
import { OwnerMigration } from '../interactions/change/owner-migration.ts';
import type { Metrics } from '../metrics.ts';
import type { Ambient, Part } from './ambient.ts';

export interface OwnersPart extends Part {
  readonly laterOwners: Pick<LaterOwners, 'written'>;
}

/** Finds out whom stored data concern that were of somebody who could not be told. */
export async function startOwners(
  services: Finding,
  { now, log, metrics }: Ambient & { readonly log: FastifyBaseLogger; readonly metrics: Metrics },
): Promise<OwnersPart> {
  const failed = (error: unknown): void =>
    log.warn({ err: error }, 'owners cannot be looked for now; trying again');
  const laterOwners = new LaterOwners(services, failed);
  const migration = new OwnerMigration({
    services,
    later: laterOwners,
    now,
    log: { progress: (status) => log.info(status, 'owners of what was stored before'), failed },
  });
  await migration.start();
  metrics.owners(() => {
    const { done, total } = migration.status();
    return total - done;
  });
  return { laterOwners, close: () => migration.stop() };
}
