import type { Disclosing } from '../../access/groups.ts';
import type { Services } from '../../interactions/services.ts';
import { explain } from '../../operations/upkeep/explain.ts';
import { reindexStatus } from '../../operations/upkeep/reindex-status.ts';
import { unassigned, UNASSIGNED_TAKES } from '../../operations/upkeep/unassigned.ts';
import { handling, queryPairs, typeOf } from '../request.ts';
import { operationRoute } from './operation-route.ts';
import type { Route } from './route.ts';

/** Makes the rows of what operators ask of the index and of owners: docs/api/search.md. */
export function upkeepRoutes(services: Disclosing & Pick<Services, 'upkeep'>): readonly Route[] {
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
    operationRoute(services.r4, {
      method: 'GET',
      path: '/$unassigned',
      offers: {
        operation: '$unassigned',
        definition: `${services.base}/OperationDefinition/unassigned`,
        level: 'system',
        takes: UNASSIGNED_TAKES,
      },
      act: (who, _request, input) => unassigned(services, who, input),
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
