import type { Disclosing } from '../../access/groups.ts';
import type { Paging } from '../../interactions/history/paging.ts';
import { accessLog } from '../../operations/access-log/access-log.ts';
import { ACCESS_LOG } from '../../operations/access-log/asked-part.ts';
import { evidence } from '../../operations/evidence.ts';
import type { Proving } from '../../operations/proving.ts';
import { FhirError } from '../../fhir/errors.ts';
import { formatAsked, representationOf } from '../representation.ts';
import { resourceAs, versionOf } from '../request.ts';
import type { RestRequest } from '../rest-request.ts';
import { operationRoute } from './operation-route.ts';
import type { Route } from './route.ts';

/** Makes the rows of what anyone can check offline: docs/architecture.md. */
export function evidenceRoutes(services: Disclosing & Proving & Paging): readonly Route[] {
  return [
    operationRoute(services.r4, {
      method: 'GET',
      path: '/Patient/:id/$access-log',
      offers: {
        operation: '$access-log',
        definition: `${services.base}/OperationDefinition/access-log`,
        level: 'instance',
        types: ['Patient'],
        takes: ACCESS_LOG,
      },
      act: (who, request, input) =>
        accessLog(services, who, { ...resourceAs('Patient', request), input }),
    }),
    operationRoute(services.r4, {
      method: 'GET',
      path: '/:type/:id/_history/:vid/$evidence',
      offers: {
        operation: '$evidence',
        definition: `${services.base}/OperationDefinition/evidence`,
        level: 'instance',
        takes: {},
      },
      act: (who, request) => {
        assertAsItIs(request);
        return evidence(services, who, versionOf(services.r4, request));
      },
    }),
  ];
}

/** The file is proved byte by byte. @throws FhirError for a wish to have it written in another way */
function assertAsItIs(request: RestRequest): void {
  const as = representationOf(request);
  if (formatAsked(request) !== undefined && as?.format !== 'json') {
    throw new FhirError('not-acceptable', 'Evidence is a file of canonical JSON', {
      expression: 'http._format',
    });
  }
  if (as?.pretty === true) {
    throw new FhirError('not-supported', 'Evidence is canonical JSON, which is not indented', {
      expression: 'http._pretty',
    });
  }
}
