import { securityContext, type Context } from '../fhir/security-context.ts';
import type { StoredVersion } from '../store/version-store.ts';

/** Returns what stands for a version where access is decided, if it is a Binary for which something does. */
export function contextOf(version: Pick<StoredVersion, 'body'>, base: string): Context | undefined {
  if (version.body.length === 0) return undefined;
  return securityContext(JSON.parse(Buffer.from(version.body).toString('utf8')) as object, base);
}
