import type { Services } from '../../interactions/services.ts';
import { document } from '../../operations/document/document.ts';
import { bodyOf, queryPairs, resourceAs } from '../request.ts';
import type { Route } from './route.ts';

/** http://hl7.org/fhir/R4/composition-operation-document.html, by GET and by POST. */
export function documentRoutes(services: Services): readonly Route[] {
  return (['GET', 'POST'] as const).map((method) => ({
    method,
    path: '/Composition/:id/$document',
    offers: {
      operation: '$document',
      definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
      level: 'instance',
      types: ['Composition'],
    },
    act: (who, request) =>
      document(services, who, {
        ...resourceAs('Composition', request),
        pairs: queryPairs(request),
        ...(method === 'POST' ? { body: bodyOf(request) } : {}),
      }),
  }));
}
