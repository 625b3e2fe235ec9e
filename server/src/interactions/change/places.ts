import { StoreConflict, type RecordWrite, type ResourceStore } from '../../store/resource-store.ts';
import type { Keeps } from './keeps.ts';

const HELD = Buffer.from('held', 'utf8');
/** Says how long a writer waits for the ledger's answer to another one before it judges again, ms. */
const PATIENCE = 20;

/**
 * Keeps writers of the same resources apart, on whatever server: a change that is on its way to the ledger cannot be
 * followed by its version if another one takes that number meanwhile. To be read before the resources themselves.
 *
 * @param of the resources as `Type/id`, and the collection of their records
 * @throws StoreConflict while one of them is on its way to the ledger
 */
export async function readPlaces(
  { store, newId }: { readonly store: Pick<ResourceStore, 'record'>; readonly newId: () => string },
  { collection, keys }: { readonly collection: string; readonly keys: readonly string[] },
): Promise<Keeps> {
  const places = await Promise.all(
    keys.map(async (key) => ({ key, before: await store.record(collection, key) })),
  );
  if (places.some(({ before }) => before !== undefined && HELD.equals(before))) {
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    throw new StoreConflict('Another change is on its way to the ledger');
  }
  const value = Buffer.from(`free ${newId()}`, 'utf8');
  const each = (
    to: (before: Uint8Array | undefined) => Pick<RecordWrite, 'value' | 'expected'>,
  ): RecordWrite[] => places.map(({ key, before }) => ({ collection, key, ...to(before) }));
  return {
    pass: each((before) => ({ value, expected: before ?? null })),
    hold: each((before) => ({ value: HELD, expected: before ?? null })),
    free: each(() => ({ value })),
    restore: each((before) => ({ value: before })),
  };
}
