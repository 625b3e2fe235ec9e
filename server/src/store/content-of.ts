import type { StoredVersion } from './version-store.ts';

/** The resource of a version as parsed JSON; a tombstone has nothing in it. */
export function contentOf({ body }: Pick<StoredVersion, 'body'>): object {
  return body.length === 0 ? {} : (JSON.parse(Buffer.from(body).toString('utf8')) as object);
}
