import { createUnlessExists } from '../../interactions/conditional/conditional.ts';
import { create } from '../../interactions/change/create.ts';
import { read, vread } from '../../interactions/read.ts';
import type { Selecting } from '../../interactions/conditional/selecting.ts';
import { update } from '../../interactions/change/update.ts';
import { provenanceAlong } from '../../interactions/change/x-provenance.ts';
import { asContent, receivedBinary } from '../binary-form.ts';
import {
  handling,
  ifNoneExist,
  preconditions,
  queryPairs,
  readCondition,
  resourceAs,
  versionAs,
  xProvenance,
} from '../request.ts';
import type { Route } from './route.ts';

const type = 'Binary';

/** Content in its own form, up and down; all else of Binary is as of any type: http://hl7.org/fhir/R4/binary.html */
export function binaryRoutes(services: Selecting): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/Binary/:id',
      offers: { interaction: 'read', level: 'instance', conditional: true },
      anyRepresentation: true,
      act: async (who, request) => {
        const shape = services.r4.parseReadShape(type, queryPairs(request), handling(request));
        const asked = { type, ...resourceAs(type, request), ...readCondition(request), shape };
        const reply = await read(services, who, asked);
        return shape === undefined ? asContent(request, reply) : reply;
      },
    },
    {
      method: 'GET',
      path: '/Binary/:id/_history/:vid',
      offers: { interaction: 'vread', level: 'instance' },
      anyRepresentation: true,
      withoutParameters: true,
      act: async (who, request) => {
        const asked = { type, ...versionAs(type, request), ...readCondition(request) };
        return asContent(request, await vread(services, who, asked));
      },
    },
    {
      method: 'POST',
      path: '/Binary',
      offers: { interaction: 'create', level: 'type', conditional: true },
      rawBody: true,
      withoutParameters: true,
      act: async (who, request) => {
        const body = await receivedBinary(services, request);
        const along = provenanceAlong(services, who, xProvenance(request));
        const criteria = ifNoneExist(request);
        return criteria === undefined
          ? create(services, who, { type, body, along })
          : createUnlessExists(services, who, { type, body, along, criteria });
      },
    },
    {
      method: 'PUT',
      path: '/Binary/:id',
      offers: { interaction: 'update', level: 'instance' },
      rawBody: true,
      withoutParameters: true,
      act: async (who, request) => {
        const { id } = resourceAs(type, request);
        const body = await receivedBinary(services, request, id);
        const along = provenanceAlong(services, who, xProvenance(request));
        return update(services, who, {
          ...{ type, id, body, along },
          preconditions: preconditions(request),
        });
      },
    },
  ];
}
