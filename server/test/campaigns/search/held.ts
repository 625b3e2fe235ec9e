import type { Held } from '../../oracle/corpus.ts';
import type { Json } from '../../oracle/official.ts';

const FIRST = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

/** Resources as if each had just been written, some of them in the same millisecond. */
export function heldResources(resources: readonly Json[]): Held[] {
  return resources.map((resource, i) => {
    const lastUpdated = new Date(FIRST + Math.floor(i / 3) * MINUTE).toISOString();
    const meta = { ...(resource['meta'] as Json | undefined), lastUpdated, versionId: '1' };
    return {
      type: String(resource['resourceType']),
      id: String(resource['id']),
      resource: { ...resource, meta },
    };
  });
}
