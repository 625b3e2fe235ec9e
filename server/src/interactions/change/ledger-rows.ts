import { indexAgain } from '../index/index-again.ts';
import type { Indexer } from '../index/index-of.ts';
import { consentRow, type ConsentRowParts } from './consent-row.ts';
import { LedgerFirst, type LedgerFirstParts } from './ledger-first.ts';

interface Parts extends Omit<LedgerFirstParts, 'rows' | 'indexed'> {
  readonly r4: Indexer & Pick<ConsentRowParts, 'isResourceType'>;
  readonly log: { warn(facts: object, text: string): void };
}

/** The table of what goes to the ledger before it is stored. */
export function openLedgerFirst(
  { r4, log, ...parts }: Parts,
  consents: Omit<ConsentRowParts, 'isResourceType'>,
): LedgerFirst {
  const { isResourceType } = r4;
  const failed = (error: unknown): void => {
    log.warn({ err: error }, 'part of a resource cannot be searched by any more');
  };
  return new LedgerFirst({
    ...parts,
    indexed: (version) =>
      version.deleted ? version : { ...version, inside: [], ...indexAgain(r4, version, failed) },
    rows: [consentRow({ ...consents, isResourceType })],
  });
}
