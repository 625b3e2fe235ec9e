import { MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';
import {
  SearchTooCostly,
  StoreConflict,
  StoreTooLarge,
  StoreUnavailable,
} from '../resource-store.ts';

/** Bounds what MongoDB may take for each step of a search. */
export const maxTimeMS = 1_000;
const timeExpired = 50;
/** BSONObjectTooLarge, and what an update would make of a document. */
const TOO_LARGE = new Set([10_334, 17_419, 17_420]);

/** Only store errors leave: what MongoDB or the network says stays in `cause`. */
export function storeError(error: unknown): Error {
  if (error instanceof StoreConflict || error instanceof StoreUnavailable) return error;
  if (isTooLarge(error)) {
    return new StoreTooLarge('A resource with its index is more than a document may hold', {
      cause: error,
    });
  }
  if (error instanceof RangeError) return error;
  if (isOutOfTime(error)) {
    return new SearchTooCostly('The search takes too long: add a criterion');
  }
  return new StoreUnavailable('The store cannot be used now', { cause: error });
}

export function isOutOfTime(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === timeExpired;
}

/** A document of more than 16 MB: the server says so by code, the driver in words, or by running out of its buffer. */
function isTooLarge(error: unknown): boolean {
  if (error instanceof MongoServerError) return TOO_LARGE.has(Number(error.code));
  if (error instanceof MongoInvalidArgumentError) return /maximum size/.test(error.message);
  return (
    error instanceof RangeError &&
    /^offset is out of bounds|^The value of "offset"/.test(error.message)
  );
}

/** The server refused this operation as such; a network error or a lost primary would have met any other too. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof MongoServerError) return !error.hasErrorLabel('TransientTransactionError');
  return error instanceof MongoError ? error instanceof MongoInvalidArgumentError : true;
}
