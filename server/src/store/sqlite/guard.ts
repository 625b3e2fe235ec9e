import { StoreConflict, StoreUnavailable } from '../resource-store.ts';

/** Only store errors leave: what SQLite or the file system says stays in `cause`. */
export function guard<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof StoreConflict || error instanceof RangeError) throw error;
    if (error instanceof StoreUnavailable) throw error;
    if (isUniqueViolation(error)) {
      throw new StoreConflict('Something of that identity is stored already', { cause: error });
    }
    throw new StoreUnavailable('The store cannot be used now', { cause: error });
  }
}

/** SQLite's extended result codes SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY. */
function isUniqueViolation(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return code === 2067 || code === 1555;
}
