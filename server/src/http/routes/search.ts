import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { Reply } from '../../access/reply.ts';
import { searchTypes } from '../../interactions/search/search-types.ts';
import { search, type SearchRequest } from '../../interactions/search/search.ts';
import type { Data, Disclosing } from '../../access/groups.ts';
import { hasCompartments, type Compartment } from '../../search/compartment.ts';
import { assertType, formPairs, handling, queryPairs, resourceOf, typeOf } from '../request.ts';
import type { RestRequest } from '../rest-request.ts';
import type { Interaction, Route } from './route.ts';

/** http://hl7.org/fhir/R4/search.html */
export function searchRoutes(services: Disclosing): readonly Route[] {
  const { r4 } = services;
  return [
    ...getAndPost('/:type', 'type', (who, request, asked) =>
      search(services, who, { ...asked, type: typeOf(r4, request) }),
    ),
    ...getAndPost('/', 'system', (who, _request, asked) => searchTypes(services, who, asked)),
    ...getAndPost('/:type/:id/:inside', 'type', (who, request, asked) => {
      const { inside } = request.params as { readonly inside: string };
      const type = inside === '*' ? undefined : assertType(r4, inside);
      const within = compartmentOf(services, request);
      return type === undefined
        ? searchTypes(services, who, { ...asked, within })
        : search(services, who, { ...asked, type, within });
    }),
  ];
}

type Act = (principal: Principal, request: RestRequest, asked: SearchRequest) => Promise<Reply>;

function getAndPost(path: string, level: Interaction['level'], act: Act): readonly Route[] {
  const offers: Interaction = { interaction: 'search', level };
  return [
    {
      method: 'GET',
      path,
      offers,
      act: (who, request) =>
        act(who, request, { parameters: queryPairs(request), handling: handling(request) }),
    },
    {
      method: 'POST',
      path: path === '/' ? '/_search' : `${path}/_search`,
      form: true,
      offers,
      act: (who, request) =>
        act(who, request, { parameters: formPairs(request), handling: handling(request) }),
    },
  ];
}

/** http://hl7.org/fhir/R4/compartmentdefinition.html */
function compartmentOf({ r4 }: Pick<Data, 'r4'>, request: RestRequest): Compartment {
  const compartment = resourceOf(r4, request);
  if (hasCompartments(r4.registry, compartment.type)) return compartment;
  throw new FhirError('not-found', `FHIR R4 has no compartments of type ${compartment.type}`);
}
