import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { FhirError } from '../../../src/fhir/errors.ts';
import { searchStore } from '../../../src/interactions/search/search-store.ts';
import type { Services } from '../../../src/interactions/services.ts';
import type { SearchQuery } from '../../../src/search/query.ts';
import {
  PageExpired,
  SearchTooCostly,
  StoreTooLarge,
  StoreUnavailable,
} from '../../../src/store/errors.ts';

const query: SearchQuery = {
  type: 'Patient',
  filter: { op: 'and', all: [] },
  sort: [],
  count: 1,
  total: 'none',
};

const failing = (error: Error): Pick<Services, 'store'> =>
  ({ store: { versions: { search: () => Promise.reject(error) } } }) as unknown as Pick<
    Services,
    'store'
  >;

describe('what a store refuses of a search', () => {
  for (const [error, code] of [
    [new SearchTooCostly('too many'), 'too-costly'],
    [new StoreTooLarge('a command of 20 MB'), 'too-costly'],
    [new PageExpired('old'), 'expired'],
    [new RangeError('foreign'), 'invalid'],
  ] as const) {
    it(`is told to the client: ${error.name}`, async () => {
      await assert.rejects(searchStore(failing(error), query), (told) => {
        assert.ok(told instanceof FhirError);
        assert.equal(told.code, code);
        return true;
      });
    });
  }

  it('is no fault of the store', async () => {
    await assert.rejects(
      searchStore(failing(new StoreUnavailable('away')), query),
      StoreUnavailable,
    );
  });
});
