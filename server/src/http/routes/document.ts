import type { Disclosing } from '../../access/groups.ts';
import type { Changing } from '../../interactions/change/changing.ts';
import { document, DOCUMENT } from '../../operations/document/document.ts';
import { resourceAs } from '../request.ts';
import { operationRoute } from './operation-route.ts';
import type { Route } from './route.ts';

/** http://hl7.org/fhir/R4/composition-operation-document.html, by GET and by POST. */
export function documentRoutes(services: Changing & Disclosing): readonly Route[] {
  return (['GET', 'POST'] as const).map((method) =>
    operationRoute(services.r4, {
      method,
      path: '/Composition/:id/$document',
      offers: {
        operation: '$document',
        definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
        level: 'instance',
        types: ['Composition'],
        takes: DOCUMENT,
      },
      changes: (input) => input.flag('persist') === true,
      act: (who, request, input) =>
        document(services, who, { ...resourceAs('Composition', request), input }),
    }),
  );
}
