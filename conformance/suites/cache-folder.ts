import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '..', '..', '.cache');

/** The path of something that is made or fetched once and never committed. */
export function cached(...names: readonly string[]): string {
  return join(CACHE, ...names);
}
