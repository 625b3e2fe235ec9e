import { refuse, type ChangeSet } from './change-set.ts';
import type { LedgerRow } from './ledger-row.ts';

/**
 * Once the ledger has a set nothing in it may fail any more: besides what the row watches it makes new resources only,
 * whose ids nobody else has.
 *
 * @throws FhirError `unprocessable`
 */
export function assertSure(set: ChangeSet, row: LedgerRow): void {
  const watched = new Set(row.watched(set));
  for (const change of set.changes) {
    if (change.made === undefined || change.method === 'POST') continue;
    if (watched.has(`${change.type}/${change.id}`)) continue;
    throw refuse(
      change,
      `together with ${row.title} a transaction may create other resources, not change or delete them`,
    );
  }
}
