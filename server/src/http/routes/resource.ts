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
  return [...readRoutes(services), ...writeRoutes(services), ...conditionalRoutes(services)];
}

function readRoutes(services: Services): readonly Route[] {
  const { r4 } = services;
  return [
    {
      method: 'GET',
      path: '/:type/:id',
      offers: { interaction: 'read', level: 'instance', conditional: true },
      act: (who, request) =>
        read(services, who, {
          ...resourceOf(r4, request),
          ...readCondition(request),
          ...shapeOf(r4, request),
        }),
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
  ];
}

/** Makes the rows that write a resource by its id, or a new one. */
function writeRoutes(services: Services): readonly Route[] {
  const of = (who: Principal, request: RestRequest) => ({
    ...resourceOf(services.r4, request),
    ...along(services, who, request),
    preconditions: preconditions(request),
  });
  return [
    {
      method: 'POST',
      path: '/:type',
      withoutParameters: true,
      offers: { interaction: 'create', level: 'type', conditional: true },
      act: (who, request) => {
        const type = typeOf(services.r4, request);
        const asked = { type, ...along(services, who, request), body: bodyOf(request) };
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
      act: (who, request) => update(services, who, { ...of(who, request), body: bodyOf(request) }),
    },
    {
      method: 'PATCH',
      path: '/:type/:id',
      anyMediaType: true,
      withoutParameters: true,
      offers: { interaction: 'patch', level: 'instance' },
      act: (who, request) => patch(services, who, { ...of(who, request), ...patchIn(request) }),
    },
    {
      method: 'DELETE',
      path: '/:type/:id',
      withoutParameters: true,
      offers: { interaction: 'delete', level: 'instance' },
      act: (who, request) => remove(services, who, of(who, request)),
    },
  ];
}

/** Makes the rows that change what search criteria select. */
function conditionalRoutes(services: Services): readonly Route[] {
  const matching = (who: Principal, request: RestRequest) => ({
    type: typeOf(services.r4, request),
    ...along(services, who, request),
    criteria: rawQuery(request),
    preconditions: preconditions(request),
  });
  return [
    {
      method: 'PUT',
      path: '/:type',
      offers: { interaction: 'update', level: 'type', conditional: true },
      act: (who, request) =>
        updateMatch(services, who, { ...matching(who, request), body: bodyOf(request) }),
    },
    {
      method: 'PATCH',
      path: '/:type',
      anyMediaType: true,
      offers: { interaction: 'patch', level: 'type', conditional: true },
      act: (who, request) =>
        patchMatch(services, who, { ...matching(who, request), ...patchIn(request) }),
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

/** Returns what is committed with a write: the Provenance of its `X-Provenance`. */
function along(services: Services, who: Principal, request: RestRequest) {
  return { along: provenanceAlong(services, who, xProvenance(request)) };
}

function patchIn(request: RestRequest) {
  return {
    body: bodyOf(request),
    mediaType: request.headers['content-type'] ?? '',
    returning: (preferOf(request) ?? 'representation') === 'representation',
  };
}
