import { FhirError } from '../../fhir/errors.ts';
import type { Data } from '../../access/groups.ts';
import type { SearchQuery } from '../../search/query.ts';
import { PageExpired, SearchTooCostly, StoreTooLarge } from '../../store/errors.ts';
import type { SearchPage } from '../../store/version-store.ts';

/** @throws FhirError `too-costly`; for a page link `expired`, or `invalid` when it is not for this caller and search */
export async function searchStore(
  { store }: Pick<Data, 'store'>,
  query: SearchQuery,
): Promise<SearchPage> {
  try {
    return await store.versions.search(query);
  } catch (error) {
    if (error instanceof SearchTooCostly) throw new FhirError('too-costly', error.message);
    if (error instanceof StoreTooLarge) {
      throw new FhirError('too-costly', 'The search is larger than the store can take');
    }
    const expression = 'http._cursor';
    if (error instanceof PageExpired) {
      throw new FhirError('expired', 'The page link has expired: search again', { expression });
    }
    if (!(error instanceof RangeError)) throw error;
    throw new FhirError(
      'invalid',
      'This page link is not one of ours for this search by this caller',
      {
        expression,
      },
    );
  }
}
