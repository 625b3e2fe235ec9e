import { StoreConflict, StoreUnavailable } from '../errors.ts';

/** Only store errors leave: what SQLite or the file system says stays in `cause`. */
export function guard<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof StoreConflict || error instanceof RangeError) throw error;
    if (error instanceof StoreUnavailable) throw error;
    const code = codeOf(error);
    if (code === BUSY) {
      throw new StoreUnavailable('The store file is in use by another process', { cause: error });
    }
    if (UNIQUE_VIOLATIONS.some((violation) => violation === code)) {
      throw new StoreConflict('Something of that identity is stored already', { cause: error });
    }
    throw new StoreUnavailable('The store cannot be used now', { cause: error });
  }
}

/** Result codes of SQLite: https://www.sqlite.org/rescode.html */
const BUSY = 5;
const UNIQUE_VIOLATIONS = [2067, 1555];

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'errcode' in error ? error.errcode : undefined;
}
