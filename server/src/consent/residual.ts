import { permits, type Code, type ResidualRule } from '@chartseal/chaincode';
import type { StoredVersion } from '../store/version-store.ts';
import { factsOf } from './resource-facts.ts';

/**
 * Tells whether a decision's residual rules let this version out. A tombstone has no content: only its identity is
 * judged.
 *
 * @param base absolute references below it are ours
 * @param lifting tells which labels may be taken off: it need not be permitted with them
 */
export function permitsResource(
  residual: readonly ResidualRule[],
  version: Pick<StoredVersion, 'type' | 'id' | 'body'>,
  base?: string,
  lifting?: (label: Code) => boolean,
): boolean {
  if (residual.length === 0) return true;
  const content: unknown =
    version.body.length === 0 ? {} : JSON.parse(Buffer.from(version.body).toString('utf8'));
  const resource = { ...(content as object), resourceType: version.type, id: version.id };
  const facts = factsOf(resource, base);
  if (permits(residual, facts)) return true;
  if (lifting === undefined || !facts.labels.some(lifting)) return false;
  return permits(residual, { ...facts, labels: facts.labels.filter((label) => !lifting(label)) });
}
