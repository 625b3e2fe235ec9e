import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../interactions/reply.ts';
import type { Services } from '../../interactions/services.ts';
import { readInput } from '../../operations/input.ts';
import { addMeta, deleteMeta } from '../../operations/meta/change-meta.ts';
import { metaOf, metaOfAll } from '../../operations/meta/meta.ts';
import { bodyOf, preconditions, queryPairs, resourceOf, typeOf, versionOf } from '../request.ts';
import type { Level, Route } from './route.ts';

/** http://hl7.org/fhir/R4/resource-operation-meta.html */
export function metaRoutes(services: Services): readonly Route[] {
  const { r4 } = services;
  const offers = (operation: string, level: Level) => ({
    operation,
    definition: `http://hl7.org/fhir/OperationDefinition/Resource-${operation.slice(1)}`,
    level,
  });
  /** It has no parameters, and changes nothing: by GET and by POST. */
  const show = (
    path: string,
    level: Level,
    act: (who: Principal, request: FastifyRequest) => Promise<Reply>,
  ): Route[] =>
    (['GET', 'POST'] as const).map((method) => ({
      method,
      path,
      offers: offers('$meta', level),
      act: (who, request) => {
        readInput(r4, { pairs: queryPairs(request), body: bodyOf(request) }, {});
        return act(who, request);
      },
    }));
  const change = (request: FastifyRequest) => ({
    ...resourceOf(r4, request),
    preconditions: preconditions(request),
    pairs: queryPairs(request),
    body: bodyOf(request),
  });
  return [
    ...show('/$meta', 'system', (who) => metaOfAll(services, who, undefined)),
    ...show('/:type/$meta', 'type', (who, request) =>
      metaOfAll(services, who, typeOf(r4, request)),
    ),
    ...show('/:type/:id/$meta', 'instance', (who, request) =>
      metaOf(services, who, resourceOf(r4, request)),
    ),
    ...show('/:type/:id/_history/:vid/$meta', 'instance', (who, request) =>
      metaOf(services, who, versionOf(r4, request)),
    ),
    {
      method: 'POST',
      path: '/:type/:id/$meta-add',
      offers: offers('$meta-add', 'instance'),
      act: (who, request) => addMeta(services, who, change(request)),
    },
    {
      method: 'POST',
      path: '/:type/:id/$meta-delete',
      offers: offers('$meta-delete', 'instance'),
      act: (who, request) => deleteMeta(services, who, change(request)),
    },
  ];
}
