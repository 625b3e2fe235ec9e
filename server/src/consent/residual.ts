import { permits, type ResidualRule } from '@chartseal/chaincode';
import type { StoredVersion } from '../store/resource-store.ts';
import { factsOf } from './resource-facts.ts';

/**
 * Tells whether a decision's residual rules let this version out. A tombstone has no content: only its identity is
 * judged.
 */
export function permitsResource(
  residual: readonly ResidualRule[],
  version: Pick<StoredVersion, 'type' | 'id' | 'body'>,
  base?: string,
): boolean {
  if (residual.length === 0) return true;
  const content: unknown =
    version.body.length === 0 ? {} : JSON.parse(Buffer.from(version.body).toString('utf8'));
  const resource = { ...(content as object), resourceType: version.type, id: version.id };
  return permits(residual, factsOf(resource, base));
}
