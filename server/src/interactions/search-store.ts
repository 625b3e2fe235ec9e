import { FhirError } from '../fhir/errors.ts';
import type { SearchQuery } from '../search/query.ts';
import { SearchTooCostly, type SearchPage } from '../store/resource-store.ts';
import type { Services } from './services.ts';

/** @throws FhirError `too-costly`, or `invalid` for a page link that is not ours */
export async function searchStore(
  { store }: Pick<Services, 'store'>,
  query: SearchQuery,
): Promise<SearchPage> {
  try {
    return await store.search(query);
  } catch (error) {
    if (error instanceof SearchTooCostly) throw new FhirError('too-costly', error.message);
    if (!(error instanceof RangeError)) throw error;
    throw new FhirError('invalid', 'This page link is not one of ours, or is no longer usable', {
      expression: 'http._cursor',
    });
  }
}
