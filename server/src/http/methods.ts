import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FhirError } from '../fhir/errors.ts';
import { printable } from '../fhir/printable.ts';
import { sendError } from './error-handler.ts';
import { matchPath, nameIn, shownPath } from './routes/path.ts';

interface Row {
  readonly method: string;
  /** Below the base. */
  readonly path: string;
}

/** Says which methods a path has: to `OPTIONS`, and with 405 to a method it has not. What has none is not there: 404. */
export function tellMethods(
  app: FastifyInstance,
  { prefix, rows }: { readonly prefix: string; readonly rows: readonly Row[] },
): void {
  const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? '';
  const allowed = (request: FastifyRequest): ReadonlySet<string> =>
    methodsAt(rows, pathOf(request).slice(prefix.length));
  const refuse = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { method } = request;
    const path = pathOf(request);
    const methods = allowed(request);
    // What a row would take and the router did not find is not there either.
    if (methods.size === 0 || methods.has(method)) {
      const error = nothingAt(rows, {
        path: path.slice(prefix.length),
        asked: `${method} ${path}`,
      });
      return sendError(error, request, reply);
    }
    const list = [...methods].join(', ');
    void reply.header('allow', list);
    const error = new FhirError('method', `${printable(path)} takes ${list}, not ${method}`);
    return sendError(error, request, reply);
  };
  app.addHook('onRequest', async (request, reply) => {
    const methods = request.method === 'OPTIONS' ? allowed(request) : undefined;
    if (methods !== undefined && methods.size > 0) {
      void reply.header('allow', [...methods].join(', '));
    }
    // Nothing of ours takes it, and the framework would judge its body before it looks for somebody who does.
    if (request.method === 'QUERY') await refuse(request, reply);
  });
  app.setNotFoundHandler(refuse);
}

function methodsAt(rows: readonly Row[], path: string): ReadonlySet<string> {
  const here = rows.filter((row) => matchPath(row.path, path) !== undefined);
  const methods = new Set(here.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return methods.size === 0 ? methods : methods.add('OPTIONS');
}

/**
 * That no row has this path; by its name where it names an interaction or operation, which may be somewhere else.
 *
 * @param at `path` below the base; `asked`: as the client knows it
 */
export function nothingAt(
  rows: readonly Row[],
  at: { readonly path: string; readonly asked: string },
): FhirError {
  const nothing = `There is nothing at ${printable(at.asked)}`;
  const name = nameIn(at.path);
  if (name === undefined) return new FhirError('not-found', nothing);
  const places = new Set(
    rows.filter(({ path }) => path.endsWith(`/${name}`)).map(({ path }) => shownPath(path)),
  );
  const kind = name.startsWith('$') ? 'operation' : 'interaction';
  const why =
    places.size === 0
      ? `no ${kind} is called ${printable(name)}`
      : `${printable(name)} is at ${[...places].join(', ')}`;
  return new FhirError('not-found', `${nothing}: ${why}`);
}
