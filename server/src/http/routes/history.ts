import { changes } from '../../interactions/history/changes.ts';
import { historyParameters } from '../../interactions/history/history-parameters.ts';
import { history } from '../../interactions/history/history.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Paging } from '../../interactions/history/paging.ts';
import { handling, queryPairs, resourceOf, typeOf } from '../request.ts';
import type { RestRequest } from '../rest-request.ts';
import type { Route } from './route.ts';

/** http://hl7.org/fhir/R4/http.html#history */
export function historyRoutes(services: Disclosing & Paging): readonly Route[] {
  const { r4 } = services;
  const asked = (request: RestRequest) => historyParameters(queryPairs(request), handling(request));
  return [
    {
      method: 'GET',
      path: '/:type/:id/_history',
      offers: { interaction: 'history', level: 'instance' },
      act: (who, request) =>
        history(services, who, { ...resourceOf(r4, request), ...asked(request) }),
    },
    {
      method: 'GET',
      path: '/:type/_history',
      background: true,
      offers: { interaction: 'history', level: 'type' },
      act: (who, request) =>
        changes(services, who, { type: typeOf(r4, request), ...asked(request) }),
    },
    {
      method: 'GET',
      path: '/_history',
      background: true,
      offers: { interaction: 'history', level: 'system' },
      act: (who, request) => changes(services, who, { type: undefined, ...asked(request) }),
    },
  ];
}
