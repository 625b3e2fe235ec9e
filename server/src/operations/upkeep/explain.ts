import type { Parameters } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { narrow } from '../../consent/narrow.ts';
import { FhirError } from '../../fhir/errors.ts';
import { mayContain } from '../../interactions/search/containers.ts';
import { boundsOf } from '../../access/disclose.ts';
import type { Reply } from '../../access/reply.ts';
import { meant } from '../../interactions/search/named-queries.ts';
import type { SearchRequest } from '../../interactions/search/search.ts';
import { guardSort } from '../../interactions/search/guard-links.ts';
import { guardedTypes } from '../../interactions/search/searched-types.ts';
import { termsNamed } from '../../interactions/search/terms-named.ts';
import type { Services } from '../../interactions/services.ts';
import { nothing } from '../../search/query.ts';
import type { TypedFilter } from '../../search/query.ts';
import { SearchTooCostly } from '../../store/resource-store.ts';
import { assertOperator } from './for-operators.ts';

/**
 * `GET [type]/$explain?…`: how the search would be evaluated, without evaluating it: what was understood, where the store
 * looks, and the database's plan. It shows the request's own values and no others.
 *
 * @rule $explain
 */
export async function explain(
  services: Services,
  principal: Principal,
  asked: SearchRequest & { readonly type: string },
): Promise<Reply> {
  assertOperator(services.organisation, principal);
  const { type } = asked;
  boundsOf(principal, type, 's');
  const { parameters, named } = await meant(services, type, asked.parameters);
  const terminology = await termsNamed(services, principal, parameters);
  const { query, used, ignored, expanded } = services.r4.parseSearch(type, parameters, {
    ...(terminology && { terminology }),
    ...(named && { named }),
    handling: asked.handling,
    base: services.base,
    containers: () => mayContain(services, principal),
  });
  const sort = guardSort(services, principal, query.sort);
  const written = await services.store.types();
  const [main, ...others] = guardedTypes(services, principal, query)
    .filter((searched) => query.others === undefined || written.has(searched.type))
    .map((searched) => narrowedType(services, principal, searched));
  const explained = await services.store
    .explain({ ...query, sort, ...(main ?? { filter: nothing }), ...(query.others && { others }) })
    .catch((error: unknown) => {
      if (error instanceof SearchTooCostly) throw new FhirError('too-costly', error.message);
      throw error;
    });
  const body: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      ...used.map(([name, value]) => ({ name: 'used', valueString: `${name}=${value}` })),
      ...(expanded ?? []).map(([name, value]) => ({
        name: 'expanded',
        valueString: `${name}=${value}`,
      })),
      ...ignored.map(({ name }) => ({ name: 'ignored', valueString: name })),
      // It is about the first page.
      ...(query.page === undefined ? [] : [{ name: 'ignored', valueString: '_cursor' }]),
      // As parsed, before consent and scopes narrow it: their part names patients.
      {
        name: 'filter',
        valueString: JSON.stringify(
          query.inside ? { op: 'inside', ...query.inside } : query.filter,
        ),
      },
      ...explained.flatMap(({ type: of, looksAt, atMost, statements }) => [
        ...(query.others ? [{ name: 'type', valueCode: of }] : []),
        { name: 'looksAt', valueCode: looksAt },
        ...(atMost === undefined ? [] : [{ name: 'atMost', valueUnsignedInt: atMost }]),
        ...statements.map(({ text, steps }) => ({
          name: 'statement',
          part: [
            { name: 'text', valueString: text },
            ...steps.map((step) => ({ name: 'step', valueString: step })),
          ],
        })),
      ]),
    ],
  };
  return { status: 200, body: JSON.stringify(body) };
}

function narrowedType(
  services: Services,
  principal: Principal,
  searched: TypedFilter,
): TypedFilter {
  const { type, filter } = searched;
  const narrowed = narrow(services, principal, {
    bounds: boundsOf(principal, type, 's'),
    question: { action: 'access', className: type },
  });
  return { ...searched, filter: { op: 'and', all: [filter, narrowed] } };
}
