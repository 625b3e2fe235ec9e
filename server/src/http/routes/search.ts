import { search } from '../../interactions/search.ts';
import type { Services } from '../../interactions/services.ts';
import { formPairs, handling, queryPairs, typeOf } from '../request.ts';
import type { Route } from './route.ts';

/** http://hl7.org/fhir/R4/search.html */
export function searchRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/:type',
      offers: { interaction: 'search', level: 'type' },
      act: (who, request) =>
        search(services, who, {
          type: typeOf(services.r4, request),
          parameters: queryPairs(request),
          handling: handling(request),
        }),
    },
    {
      method: 'POST',
      path: '/:type/_search',
      offers: { interaction: 'search', level: 'type' },
      act: (who, request) =>
        search(services, who, {
          type: typeOf(services.r4, request),
          parameters: formPairs(request),
          handling: handling(request),
        }),
    },
  ];
}
