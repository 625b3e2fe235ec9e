import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../access/reply.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Ambient } from '../../interactions/groups.ts';
import type { Declared } from '../../operations/input.ts';
import type { Call } from '../../operations/terminology/asked.ts';
import { expand, EXPAND } from '../../operations/terminology/expand.ts';
import { lookup, LOOKUP } from '../../operations/terminology/lookup.ts';
import { subsumes, SUBSUMES } from '../../operations/terminology/subsumes.ts';
import { translate, TRANSLATE } from '../../operations/terminology/translate.ts';
import {
  VALIDATE_CODE_IN_SET,
  VALIDATE_CODE_IN_SYSTEM,
  validateCodeInSet,
  validateCodeInSystem,
} from '../../operations/terminology/validate-code.ts';
import { resourceAs } from '../request.ts';
import { operationRoute } from './operation-route.ts';
import type { Route } from './route.ts';

type Given = Disclosing & Pick<Ambient, 'newId'>;

interface Operation {
  readonly takes: Declared;
  readonly act: (services: Given, principal: Principal, call: Call) => Promise<Reply>;
}

/** http://hl7.org/fhir/R4/terminology-service.html */
export function terminologyRoutes(services: Given): readonly Route[] {
  const rows = (type: string, name: string, operation: Operation): Route[] => [
    ...at({ services, type, name, operation }, 'type'),
    ...at({ services, type, name, operation }, 'instance'),
  ];
  const inSet = { act: validateCodeInSet, takes: VALIDATE_CODE_IN_SET };
  const inSystem = { act: validateCodeInSystem, takes: VALIDATE_CODE_IN_SYSTEM };
  const oneCode = { act: lookup, takes: LOOKUP };
  return [
    ...rows('ValueSet', 'expand', { act: expand, takes: EXPAND }),
    ...rows('ValueSet', 'validate-code', inSet),
    ...rows('CodeSystem', 'validate-code', inSystem),
    ...at({ services, type: 'CodeSystem', name: 'lookup', operation: oneCode }, 'type'),
    ...rows('CodeSystem', 'subsumes', { act: subsumes, takes: SUBSUMES }),
    ...rows('ConceptMap', 'translate', { act: translate, takes: TRANSLATE }),
  ];
}

interface Row {
  readonly services: Given;
  readonly type: string;
  readonly name: string;
  readonly operation: Operation;
}

/** By GET and by POST: none of them changes anything. */
function at({ services, type, name, operation }: Row, level: 'type' | 'instance'): Route[] {
  const path = level === 'type' ? `/${type}/$${name}` : `/${type}/:id/$${name}`;
  const { takes, act } = operation;
  return (['GET', 'POST'] as const).map((method) =>
    operationRoute(services.r4, {
      method,
      path,
      offers: {
        operation: `$${name}`,
        definition: `http://hl7.org/fhir/OperationDefinition/${type}-${name}`,
        level,
        types: [type],
        takes,
      },
      act: (who, request, input) =>
        act(services, who, {
          input,
          ...(level === 'instance' ? resourceAs(type, request) : {}),
        }),
    }),
  );
}
