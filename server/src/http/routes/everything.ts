import type { Disclosing } from '../../access/groups.ts';
import { everything } from '../../operations/everything/everything.ts';
import { EVERYTHING } from '../../operations/everything/read-everything.ts';
import { resourceAs } from '../request.ts';
import { operationRoute } from './operation-route.ts';
import type { Level, Route } from './route.ts';

const ROWS = [
  { type: 'Patient', level: 'instance' },
  { type: 'Patient', level: 'type' },
  { type: 'Encounter', level: 'instance' },
] as const satisfies readonly { readonly type: string; readonly level: Level }[];

/** http://hl7.org/fhir/R4/patient-operation-everything.html and that of encounters, by GET and by POST. */
export function everythingRoutes(services: Disclosing): readonly Route[] {
  return ROWS.flatMap(({ type, level }) =>
    (['GET', 'POST'] as const).map((method) =>
      operationRoute(services.r4, {
        method,
        background: true,
        path: level === 'type' ? `/${type}/$everything` : `/${type}/:id/$everything`,
        offers: {
          operation: '$everything',
          definition: `http://hl7.org/fhir/OperationDefinition/${type}-everything`,
          level,
          types: [type],
          takes: EVERYTHING[type],
        },
        act: (who, request, input) =>
          everything(services, who, {
            type,
            id: level === 'type' ? undefined : resourceAs(type, request).id,
            input,
          }),
      }),
    ),
  );
}
