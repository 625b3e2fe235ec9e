import type { Principal } from '../../auth/principal.ts';
import {
  createUnlessExists,
  patchMatch,
  removeMatch,
  updateMatch,
} from '../../interactions/conditions/conditional.ts';
import { create } from '../../interactions/change/create.ts';
import { remove } from '../../interactions/change/delete.ts';
import { patch } from '../../interactions/change/patch.ts';
import { read, vread } from '../../interactions/read.ts';
import type { Services } from '../../interactions/services.ts';
import { update } from '../../interactions/change/update.ts';
import { provenanceAlong } from '../../interactions/change/x-provenance.ts';
import {
  bodyOf,
  ifNoneExist,
  preconditions,
  preferOf,
  rawQuery,
  readCondition,
  resourceOf,
  shapeOf,
  typeOf,
  versionOf,
  xProvenance,
} from '../request.ts';
import type { RestRequest } from '../rest-request.ts';
import type { Route } from './route.ts';

/** Interactions with one resource, and their conditional forms. */
export function resourceRoutes(services: Services): readonly Route[] {
  const { r4 } = services;
  const type = (request: RestRequest) => ({ type: typeOf(r4, request) });
  const at = (request: RestRequest) => resourceOf(r4, request);
  const along = (who: Principal, request: RestRequest) => ({
    along: provenanceAlong(services, who, xProvenance(request)),
  });
  const matching = (who: Principal, request: RestRequest) => ({
    ...type(request),
    ...along(who, request),
    criteria: rawQuery(request),
    preconditions: preconditions(request),
  });
  const patchOf = (request: RestRequest) => ({
    body: bodyOf(request),
    mediaType: request.headers['content-type'] ?? '',
    preconditions: preconditions(request),
    returning: (preferOf(request) ?? 'representation') === 'representation',
  });
  return [
    {
      method: 'GET',
      path: '/:type/:id',
      offers: { interaction: 'read', level: 'instance', conditional: true },
      act: (who, request) =>
        read(services, who, { ...at(request), ...readCondition(request), ...shapeOf(r4, request) }),
    },
    {
      method: 'GET',
      path: '/:type/:id/_history/:vid',
      offers: { interaction: 'vread', level: 'instance' },
      act: (who, request) =>
        vread(services, who, {
          ...versionOf(r4, request),
          ...readCondition(request),
          ...shapeOf(r4, request),
        }),
    },
    {
      method: 'POST',
      path: '/:type',
      withoutParameters: true,
      offers: { interaction: 'create', level: 'type', conditional: true },
      act: (who, request) => {
        const asked = { ...type(request), ...along(who, request), body: bodyOf(request) };
        const criteria = ifNoneExist(request);
        return criteria === undefined
          ? create(services, who, asked)
          : createUnlessExists(services, who, { ...asked, criteria });
      },
    },
    {
      method: 'PUT',
      path: '/:type/:id',
      withoutParameters: true,
      offers: { interaction: 'update', level: 'instance' },
      act: (who, request) =>
        update(services, who, {
          ...at(request),
          ...along(who, request),
          body: bodyOf(request),
          preconditions: preconditions(request),
        }),
    },
    {
      method: 'PUT',
      path: '/:type',
      offers: { interaction: 'update', level: 'type', conditional: true },
      act: (who, request) =>
        updateMatch(services, who, { ...matching(who, request), body: bodyOf(request) }),
    },
    {
      method: 'PATCH',
      path: '/:type/:id',
      anyMediaType: true,
      withoutParameters: true,
      offers: { interaction: 'patch', level: 'instance' },
      act: (who, request) =>
        patch(services, who, { ...at(request), ...along(who, request), ...patchOf(request) }),
    },
    {
      method: 'PATCH',
      path: '/:type',
      anyMediaType: true,
      offers: { interaction: 'patch', level: 'type', conditional: true },
      act: (who, request) =>
        patchMatch(services, who, { ...matching(who, request), ...patchOf(request) }),
    },
    {
      method: 'DELETE',
      path: '/:type/:id',
      withoutParameters: true,
      offers: { interaction: 'delete', level: 'instance' },
      act: (who, request) =>
        remove(services, who, {
          ...at(request),
          ...along(who, request),
          preconditions: preconditions(request),
        }),
    },
    {
      method: 'DELETE',
      path: '/:type',
      offers: {
        interaction: 'delete',
        level: 'type',
        conditional: true,
        multiple: services.deleteMatches === 'multiple',
      },
      act: (who, request) => removeMatch(services, who, matching(who, request)),
    },
  ];
}
