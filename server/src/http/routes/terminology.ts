import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../interactions/reply.ts';
import type { Services } from '../../interactions/services.ts';
import type { Call } from '../../operations/terminology/asked.ts';
import { expand } from '../../operations/terminology/expand.ts';
import { lookup } from '../../operations/terminology/lookup.ts';
import { subsumes } from '../../operations/terminology/subsumes.ts';
import { translate } from '../../operations/terminology/translate.ts';
import {
  validateCodeInSet,
  validateCodeInSystem,
} from '../../operations/terminology/validate-code.ts';
import { bodyOf, queryPairs, resourceAs } from '../request.ts';
import type { Route } from './route.ts';

type Act = (services: Services, principal: Principal, call: Call) => Promise<Reply>;

/** http://hl7.org/fhir/R4/terminology-service.html */
export function terminologyRoutes(services: Services): readonly Route[] {
  const rows = (type: string, name: string, act: Act): Route[] => [
    ...at({ services, type, name, act }, 'type'),
    ...at({ services, type, name, act }, 'instance'),
  ];
  return [
    ...rows('ValueSet', 'expand', expand),
    ...rows('ValueSet', 'validate-code', validateCodeInSet),
    ...rows('CodeSystem', 'validate-code', validateCodeInSystem),
    ...at({ services, type: 'CodeSystem', name: 'lookup', act: lookup }, 'type'),
    ...rows('CodeSystem', 'subsumes', subsumes),
    ...rows('ConceptMap', 'translate', translate),
  ];
}

interface Row {
  readonly services: Services;
  readonly type: string;
  readonly name: string;
  readonly act: Act;
}

/** By GET and by POST: none of them changes anything. */
function at({ services, type, name, act }: Row, level: 'type' | 'instance'): Route[] {
  const path = level === 'type' ? `/${type}/$${name}` : `/${type}/:id/$${name}`;
  return (['GET', 'POST'] as const).map((method) => ({
    method,
    path,
    offers: {
      operation: `$${name}`,
      definition: `http://hl7.org/fhir/OperationDefinition/${type}-${name}`,
      level,
      types: [type],
    },
    act: (who, request) =>
      act(services, who, {
        pairs: queryPairs(request),
        ...(method === 'POST' ? { body: bodyOf(request) } : {}),
        ...(level === 'instance' ? resourceAs(type, request) : {}),
      }),
  }));
}
