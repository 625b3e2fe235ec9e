import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../access/reply.ts';
import type { Disclosing } from '../../access/groups.ts';
import type { Changing } from '../../interactions/change/changing.ts';
import {
  addMeta,
  CHANGE_META,
  deleteMeta,
  type Change,
} from '../../operations/meta/change-meta.ts';
import { metaOf, metaOfAll } from '../../operations/meta/meta.ts';
import type { Input } from '../../operations/input.ts';
import { preconditions, resourceOf, typeOf, versionOf } from '../request.ts';
import type { RestRequest } from '../rest-request.ts';
import { operationRoute } from './operation-route.ts';
import type { Level, Route } from './route.ts';

/** http://hl7.org/fhir/R4/resource-operation-meta.html */
export function metaRoutes(services: Changing & Disclosing): readonly Route[] {
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
    act: (who: Principal, request: RestRequest) => Promise<Reply>,
  ): Route[] =>
    (['GET', 'POST'] as const).map((method) =>
      operationRoute(r4, { method, path, offers: { ...offers('$meta', level), takes: {} }, act }),
    );
  const change = (
    operation: string,
    act: (services: Changing & Disclosing, who: Principal, asked: Change) => Promise<Reply>,
  ): Route =>
    operationRoute(r4, {
      method: 'POST',
      path: `/:type/:id/${operation}`,
      offers: { ...offers(operation, 'instance'), takes: CHANGE_META, changesVersion: true },
      changes: () => true,
      act: (who, request, input) => act(services, who, asked(request, input)),
    });
  const asked = (request: RestRequest, input: Input): Change => ({
    ...resourceOf(r4, request),
    preconditions: preconditions(request),
    input,
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
    change('$meta-add', addMeta),
    change('$meta-delete', deleteMeta),
  ];
}
