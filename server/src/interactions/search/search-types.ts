import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { typesWithin, type Compartment } from '../../search/compartment.ts';
import { expand } from '../../search/named/expand.ts';
import type { LinkedSearch } from '../../r4/r4.ts';
import type { Reply } from '../../access/reply.ts';
import { systemQuery, type DefinedQuery } from './named-queries.ts';
import { runSearch, type SearchRequest } from './search.ts';
import type { Services } from '../services.ts';
import { termsNamed } from './terms-named.ts';

/**
 * FHIR search over several types, of the whole server or of a compartment: http://hl7.org/fhir/R4/http.html#search
 * `_type` names them; without it all are meant that the scopes let this caller search.
 *
 * @rule search-system
 */
export async function searchTypes(
  services: Services,
  principal: Principal,
  asked: SystemSearch,
): Promise<Reply> {
  return runSearch(services, principal, {
    interaction: 'search-system',
    parsed: await parseSystemSearch(services, principal, asked),
    parameters: asked.parameters,
    within: asked.within,
  });
}

export type SystemSearch = SearchRequest & { readonly within?: Compartment };

/** Reads a search of several types and refuses what can be refused without searching. @throws FhirError */
export async function parseSystemSearch(
  services: Services,
  principal: Principal,
  asked: SystemSearch,
): Promise<LinkedSearch> {
  const { within } = asked;
  const named = namedTypes(services, asked);
  const query = await systemQuery(services, asked.parameters);
  const others = asked.parameters.filter(([name, value]) => name !== '_type' || value === '');
  const possible =
    within === undefined
      ? services.r4.resourceTypes
      : typesWithin(services.r4.registry, within.type);
  const meant =
    query === undefined ? possible : possible.filter((type) => query.types.includes(type));
  const permitted = meant.filter((type) => allows(principal, type, 's').allowed);
  const types = named ?? permitted;
  if (query !== undefined) assertOf(query, meant, types);
  if (types.length === 0) {
    throw new FhirError('forbidden', 'The access token has no scope that allows a search');
  }
  const { parameters, named: expansion } = query ? expand(query, others) : { parameters: others };
  const terminology = await termsNamed(services, principal, parameters);
  return services.r4.parseSearchOfTypes(types, parameters, {
    ...(terminology && { terminology }),
    ...(expansion && { named: expansion }),
    handling: asked.handling,
    base: services.base,
    ...(within === undefined ? {} : { path: `${within.type}/${within.id}/*` }),
    // The self link says that what the scopes leave out has not been searched.
    ...(named === undefined && permitted.length === possible.length ? {} : { types }),
  });
}

/** @throws FhirError for a type that the query is not of */
function assertOf(
  { name }: DefinedQuery,
  types: readonly string[],
  searched: readonly string[],
): void {
  if (types.length === 0) {
    throw new FhirError('invalid', `The query ${name} is of no type that lies in the compartment`, {
      expression: 'http._query',
    });
  }
  const other = searched.find((type) => !types.includes(type));
  if (other !== undefined) throw bad(`the query ${name} is not of ${other}`);
}

function namedTypes(
  { r4 }: Services,
  { parameters, within }: SearchRequest & { readonly within?: Compartment },
): readonly string[] | undefined {
  const [value, ...more] = parameters
    .filter(([name, text]) => name === '_type' && text !== '')
    .map(([, text]) => text);
  if (value === undefined) return undefined;
  if (more.length > 0) throw bad('it is given twice');
  const types = [...new Set(value.split(','))];
  const possible = within === undefined ? undefined : typesWithin(r4.registry, within.type);
  for (const type of types) {
    if (!r4.isResourceType(type)) throw bad(`${printable(type)} is no resource type`);
    if (within !== undefined && possible?.includes(type) === false) {
      throw bad(`no ${type} lies in the compartment of a ${within.type}`);
    }
  }
  return types.sort();
}

function bad(what: string): FhirError {
  return new FhirError('invalid', `Search parameter _type: ${what}`, { expression: 'http._type' });
}
