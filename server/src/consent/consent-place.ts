import { StoreConflict, type RecordWrite, type ResourceStore } from '../store/resource-store.ts';

const PLACES = 'consent-place';
const HELD = Buffer.from('held', 'utf8');
/** How long a writer waits for the ledger's answer to another one before it judges again, ms. */
const PATIENCE = 20;

/**
 * Keeps writers of the same Consents apart, on whatever server: a change that is on its way to the ledger cannot be
 * followed by its version if another one takes that number meanwhile. Each list has a record for each Consent.
 */
export interface ConsentPlaces {
  /** To be written before the change goes to the ledger: nobody else wrote since, and nobody may from now on. */
  readonly hold: readonly RecordWrite[];
  /** With the version, once the ledger has the change. */
  readonly free: readonly RecordWrite[];
  /** When the ledger will never have it. */
  readonly restore: readonly RecordWrite[];
  /** With a version that the ledger need not know: nobody else wrote since, and none is on its way there. */
  readonly pass: readonly RecordWrite[];
}

/**
 * To be read before the Consents themselves.
 *
 * @param ids `Consent/<id>`
 * @throws StoreConflict while one of them is on its way to the ledger
 */
export async function consentPlaces(
  { store, newId }: { readonly store: Pick<ResourceStore, 'record'>; readonly newId: () => string },
  ids: readonly string[],
): Promise<ConsentPlaces> {
  const places = await Promise.all(
    ids.map(async (key) => ({ key, before: await store.record(PLACES, key) })),
  );
  if (places.some(({ before }) => before !== undefined && HELD.equals(before))) {
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    throw new StoreConflict('A Consent is on its way to the ledger');
  }
  const value = Buffer.from(`free ${newId()}`, 'utf8');
  const each = (
    to: (before: Uint8Array | undefined) => Pick<RecordWrite, 'value' | 'expected'>,
  ): RecordWrite[] => places.map(({ key, before }) => ({ collection: PLACES, key, ...to(before) }));
  return {
    hold: each((before) => ({ value: HELD, expected: before ?? null })),
    free: each(() => ({ value })),
    restore: each((before) => ({ value: before })),
    pass: each((before) => ({ value, expected: before ?? null })),
  };
}
