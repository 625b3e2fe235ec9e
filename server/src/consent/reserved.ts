import {
  StoreConflict,
  type RecordWrite,
  type ResourceStore,
  type WriteSet,
} from '../store/resource-store.ts';

const RESERVED = 'consent-reserved';

/**
 * While a change of a Consent is on its way to the ledger nobody else may write that Consent, for whatever patient:
 * what is in force must find its place in the store.
 */
export function reserve({ versions = [] }: WriteSet, patient: string): readonly RecordWrite[] {
  const value = Buffer.from(patient, 'utf8');
  return keysOf(versions).map((key) => ({ collection: RESERVED, key, value, expected: null }));
}

/** To be written with the outcome. */
export function release({ versions = [] }: WriteSet): readonly RecordWrite[] {
  return keysOf(versions).map((key) => ({ collection: RESERVED, key, value: undefined }));
}

/**
 * What was judged before it was reserved may have been replaced meanwhile, by another process.
 *
 * @throws StoreConflict unless each version still follows the current one
 */
export async function assertStillNext(
  store: Pick<ResourceStore, 'current'>,
  { versions = [] }: WriteSet,
): Promise<void> {
  for (const { type, id, version } of versions) {
    const current = await store.current(type, id);
    if ((current?.version ?? 0) !== version - 1) throw new StoreConflict(`${type}/${id}`);
  }
}

function keysOf(versions: NonNullable<WriteSet['versions']>): readonly string[] {
  return versions.filter(({ type }) => type === 'Consent').map(({ type, id }) => `${type}/${id}`);
}
