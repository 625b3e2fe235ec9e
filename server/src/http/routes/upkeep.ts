import type { Services } from '../../interactions/services.ts';
import { explain } from '../../operations/upkeep/explain.ts';
import { reindexStatus } from '../../operations/upkeep/reindex-status.ts';
import { handling, queryPairs, typeOf } from '../request.ts';
import { operationRoute } from './operation-route.ts';
import type { Route } from './route.ts';

/** Makes the rows of what operators ask of the index: docs/api/search.md. */
export function upkeepRoutes(services: Services): readonly Route[] {
  return [
    operationRoute(services.r4, {
      method: 'GET',
      path: '/$reindex-status',
      offers: {
        operation: '$reindex-status',
        definition: `${services.base}/OperationDefinition/reindex-status`,
        level: 'system',
        takes: {},
      },
      act: (who) => reindexStatus(services, who),
    }),
    {
      method: 'GET',
      path: '/:type/$explain',
      offers: {
        operation: '$explain',
        definition: `${services.base}/OperationDefinition/explain`,
        level: 'type',
      },
      act: (who, request) =>
        explain(services, who, {
          type: typeOf(services.r4, request),
          parameters: queryPairs(request),
          handling: handling(request),
        }),
    },
  ];
}
