import type { FastifyRequest } from 'fastify';
import type { Services } from '../../interactions/services.ts';
import { addMeta, deleteMeta } from '../../operations/meta/change-meta.ts';
import { metaOf, metaOfAll } from '../../operations/meta/meta.ts';
import { bodyOf, ifMatch, queryPairs, resourceOf, typeOf, versionOf } from '../request.ts';
import type { Level, Route } from './route.ts';

/** http://hl7.org/fhir/R4/resource-operation-meta.html */
export function metaRoutes(services: Services): readonly Route[] {
  const { r4 } = services;
  const offers = (operation: string, level: Level) => ({
    operation,
    definition: `http://hl7.org/fhir/OperationDefinition/Resource-${operation.slice(1)}`,
    level,
  });
  const change = (request: FastifyRequest) => ({
    ...resourceOf(r4, request),
    ifMatch: ifMatch(request),
    pairs: queryPairs(request),
    body: bodyOf(request),
  });
  return [
    {
      method: 'GET',
      path: '/$meta',
      offers: offers('$meta', 'system'),
      act: (who) => metaOfAll(services, who, undefined),
    },
    {
      method: 'GET',
      path: '/:type/$meta',
      offers: offers('$meta', 'type'),
      act: (who, request) => metaOfAll(services, who, typeOf(r4, request)),
    },
    {
      method: 'GET',
      path: '/:type/:id/$meta',
      offers: offers('$meta', 'instance'),
      act: (who, request) => metaOf(services, who, resourceOf(r4, request)),
    },
    {
      method: 'GET',
      path: '/:type/:id/_history/:vid/$meta',
      offers: offers('$meta', 'instance'),
      act: (who, request) => metaOf(services, who, versionOf(r4, request)),
    },
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
