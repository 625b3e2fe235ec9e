import { MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';
import { SearchTooCostly, StoreConflict, StoreUnavailable } from '../resource-store.ts';

/** What MongoDB may take for each step of a search. */
export const maxTimeMS = 2_000;
const timeExpired = 50;

/** Only store errors leave: what MongoDB or the network says stays in `cause`. */
export function storeError(error: unknown): Error {
  if (error instanceof StoreConflict || error instanceof StoreUnavailable) return error;
  if (error instanceof RangeError) return error;
  if (error instanceof MongoServerError && error.code === timeExpired) {
    return new SearchTooCostly('The search takes too long: add a criterion');
  }
  return new StoreUnavailable('The store cannot be used now', { cause: error });
}

/** The server refused this operation as such; a network error or a lost primary would have met any other too. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof MongoServerError) return !error.hasErrorLabel('TransientTransactionError');
  return error instanceof MongoError ? error instanceof MongoInvalidArgumentError : true;
}
