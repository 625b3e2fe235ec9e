import type { Background } from '../../interactions/background/background.ts';
import type { Services } from '../../interactions/services.ts';
import type { RestRequest } from '../rest-request.ts';
import { operationRoute } from './operation-route.ts';
import type { Route } from './route.ts';

/** Makes the rows where a client finds what it asked for with `Prefer: respond-async`: http://hl7.org/fhir/R4/async.html */
export function asyncRoutes(services: Services, background: Background): readonly Route[] {
  const row = {
    path: '/$async/:ticket',
    offers: {
      operation: '$async',
      definition: `${services.base}/OperationDefinition/async`,
      level: 'system',
      takes: {},
    },
    alone: true,
  } as const;
  return [
    operationRoute(services.r4, {
      ...row,
      method: 'GET',
      act: async (who, request) => {
        const found = await background.poll(services, who, ticketOf(request));
        return 'reply' in found ? found.reply : { status: 202, progress: found.progress };
      },
    }),
    operationRoute(services.r4, {
      ...row,
      method: 'DELETE',
      act: async (who, request) => {
        await background.cancel(who, ticketOf(request));
        return { status: 202 };
      },
    }),
  ];
}

function ticketOf(request: RestRequest): string {
  return (request.params as { readonly ticket: string }).ticket;
}
