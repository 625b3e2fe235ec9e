import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { APPEND_ONLY } from '../fhir/append-only.ts';
import { FhirError } from '../fhir/errors.ts';
import { printable } from '../fhir/printable.ts';
import { sendError } from './error-handler.ts';
import { matchPath, nameIn, shownPath } from './path.ts';

interface Row {
  readonly method: string;
  /** Below the base. */
  readonly path: string;
}

/**
 * Says which methods a path has: to `OPTIONS`, and with 405 to a method it has not. What has none is not there: 404.
 *
 * @rule Allow
 */
export function tellMethods(
  app: FastifyInstance,
  { prefix, rows }: { readonly prefix: string; readonly rows: readonly Row[] },
): void {
  const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] ?? '';
  const allowed = (request: FastifyRequest): ReadonlySet<string> =>
    methodsAt(rows, pathOf(request).slice(prefix.length));
  const refuse = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { method } = request;
    const shown = pathOf(request);
    const { error, allow } = refusalOf(rows, { method, path: shown.slice(prefix.length), shown });
    if (allow !== undefined) void reply.header('allow', allow);
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
  // A method that a row takes may be refused because of the type.
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (reply.statusCode === 405 && !reply.hasHeader('allow')) {
      const others = [...allowed(request)].filter((method) => method !== request.method);
      void reply.header('allow', others.join(', '));
    }
    done();
  });
  app.setNotFoundHandler(refuse);
}

const CHANGING: ReadonlySet<string> = new Set(['PATCH', 'DELETE']);

function methodsAt(rows: readonly Row[], path: string): ReadonlySet<string> {
  const here = rows.filter((row) => {
    const of = matchPath(row.path, path);
    return of !== undefined && !(CHANGING.has(row.method) && APPEND_ONLY.has(of['type'] ?? ''));
  });
  const methods = new Set(here.map(({ method }) => method));
  if (methods.has('GET')) methods.add('HEAD');
  return methods.size === 0 ? methods : methods.add('OPTIONS');
}

/**
 * Returns what is said to somebody for whom there is no row.
 *
 * @param asked `path` below the base; `shown`: the path as the client knows it
 */
export function refusalOf(
  rows: readonly Row[],
  asked: { readonly method: string; readonly path: string; readonly shown: string },
): { readonly error: FhirError; readonly allow?: string } {
  const { method, path } = asked;
  const methods = methodsAt(rows, path);
  const shown = printable(asked.shown);
  // The router did not find what a row would take: it is not there either.
  if (methods.size === 0 || methods.has(method)) {
    return { error: nothingAt(rows, path, `${method} ${shown}`) };
  }
  const allow = [...methods].join(', ');
  return { allow, error: new FhirError('method', `${shown} takes ${allow}, not ${method}`) };
}

/** That no row has this path; by its name where it names an interaction or operation, which may be somewhere else. */
function nothingAt(rows: readonly Row[], path: string, asked: string): FhirError {
  const nothing = `There is nothing at ${asked}`;
  const name = nameIn(path);
  if (name === undefined) return new FhirError('not-found', nothing);
  const places = new Set(
    rows.filter((row) => row.path.endsWith(`/${name}`)).map((row) => shownPath(row.path)),
  );
  const kind = name.startsWith('$') ? 'operation' : 'interaction';
  const why =
    places.size === 0
      ? `no ${kind} is called ${printable(name)}`
      : `${printable(name)} is at ${[...places].join(', ')}`;
  return new FhirError('not-found', `${nothing}: ${why}`);
}
