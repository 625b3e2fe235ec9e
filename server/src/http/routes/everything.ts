import type { Services } from '../../interactions/services.ts';
import { everything } from '../../operations/everything/everything.ts';
import { bodyOf, queryPairs, resourceAs } from '../request.ts';
import type { Level, Route } from './route.ts';

const ROWS = [
  { type: 'Patient', level: 'instance' },
  { type: 'Patient', level: 'type' },
  { type: 'Encounter', level: 'instance' },
] as const satisfies readonly { readonly type: string; readonly level: Level }[];

/** http://hl7.org/fhir/R4/patient-operation-everything.html and that of encounters, by GET and by POST. */
export function everythingRoutes(services: Services): readonly Route[] {
  return ROWS.flatMap(({ type, level }) =>
    (['GET', 'POST'] as const).map((method): Route => ({
      method,
      background: true,
      path: level === 'type' ? `/${type}/$everything` : `/${type}/:id/$everything`,
      offers: {
        operation: '$everything',
        definition: `http://hl7.org/fhir/OperationDefinition/${type}-everything`,
        level,
        types: [type],
      },
      act: (who, request) =>
        everything(services, who, {
          type,
          id: level === 'type' ? undefined : resourceAs(type, request).id,
          pairs: queryPairs(request),
          ...(method === 'POST' ? { body: bodyOf(request) } : {}),
        }),
    })),
  );
}
