import type { Disclosing } from '../../access/groups.ts';
import { validate } from '../../operations/validate.ts';
import { called, resourceOf, typeOf } from '../request.ts';
import type { Route } from './route.ts';

const DEFINITION = 'http://hl7.org/fhir/OperationDefinition/Resource-validate';

/** http://hl7.org/fhir/R4/resource-operation-validate.html */
export function validateRoutes(services: Disclosing): readonly Route[] {
  const row = (method: 'GET' | 'POST', level: 'type' | 'instance'): Route => ({
    method,
    path: level === 'type' ? '/:type/$validate' : '/:type/:id/$validate',
    offers: { operation: '$validate', definition: DEFINITION, level },
    act: (who, request) =>
      validate(services, who, {
        ...called(request),
        ...(level === 'type'
          ? { type: typeOf(services.r4, request) }
          : resourceOf(services.r4, request)),
      }),
  });
  return [row('POST', 'type'), row('POST', 'instance'), row('GET', 'instance')];
}
