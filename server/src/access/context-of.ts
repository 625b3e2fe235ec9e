import { memberSpans, valueAt } from '../fhir/json/member-spans.ts';
import { securityContext, type Context } from '../fhir/security-context.ts';
import type { StoredVersion } from '../store/version-store.ts';

/**
 * Returns what stands for a version where access is decided, if it is a Binary for which something does. Its content,
 * which is nearly all of it, is passed over and not parsed.
 */
export function contextOf(version: Pick<StoredVersion, 'body'>, base: string): Context | undefined {
  const { buffer, byteOffset, byteLength } = version.body;
  const json = Buffer.from(buffer, byteOffset, byteLength);
  const members = memberSpans(json);
  const read = (name: string): unknown => {
    const span = members.get(name);
    return span && valueAt(json, span);
  };
  if (read('resourceType') !== 'Binary') return undefined;
  return securityContext(
    { resourceType: 'Binary', securityContext: read('securityContext') },
    base,
  );
}
