/** Another write won: the version to be replaced, or an expected record, is not what the caller saw. Retry from reading. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
}

/** A search whose evaluation would take too much: chains through too many resources. */
export class SearchTooCostly extends RangeError {
  override readonly name = 'SearchTooCostly';
}

/** A page link of this store whose moment lies too far back to be shown any more. */
export class PageExpired extends RangeError {
  override readonly name = 'PageExpired';
}

/** A version with its index is more than the store can hold of one resource; nothing was written. */
export class StoreTooLarge extends Error {
  override readonly name = 'StoreTooLarge';
}

/** The store cannot be used now; nothing is known to be lost. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
