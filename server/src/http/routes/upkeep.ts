import type { Services } from '../../interactions/services.ts';
import { reindexStatus } from '../../operations/upkeep/reindex-status.ts';
import type { Route } from './route.ts';

/** What operators ask of the index: docs/api/search.md. */
export function upkeepRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/$reindex-status',
      offers: {
        operation: '$reindex-status',
        definition: `${services.base}/OperationDefinition/reindex-status`,
        level: 'system',
      },
      act: (who) => reindexStatus(services, who),
    },
  ];
}
