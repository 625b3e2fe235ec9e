import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FhirError } from '../fhir/errors.ts';
import { printable } from '../fhir/printable.ts';
import { sendError } from './error-handler.ts';

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
  const allowed = (url: string): string | undefined => {
    const path = (url.split('?')[0] ?? '').slice(prefix.length);
    const methods = new Set(rows.filter((row) => fits(row.path, path)).map(({ method }) => method));
    if (methods.size === 0) return undefined;
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods, 'OPTIONS'].join(', ');
  };
  const refuse = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = printable(request.url.split('?')[0] ?? '');
    const methods = allowed(request.url);
    if (methods === undefined) {
      const error = new FhirError('not-found', `There is nothing at ${request.method} ${path}`);
      return sendError(error, request, reply);
    }
    void reply.header('allow', methods);
    const error = new FhirError('method', `${path} takes ${methods}, not ${request.method}`);
    return sendError(error, request, reply);
  };
  app.addHook('onRequest', async (request, reply) => {
    const methods = request.method === 'OPTIONS' ? allowed(request.url) : undefined;
    if (methods !== undefined) void reply.header('allow', methods);
    // Nothing of ours takes it, and the framework would judge its body before it looks for somebody who does.
    if (request.method === 'QUERY') await refuse(request, reply);
  });
  app.setNotFoundHandler(refuse);
}

function fits(pattern: string, path: string): boolean {
  const wanted = segments(pattern);
  const found = segments(path);
  return (
    wanted.length === found.length &&
    wanted.every((segment, i) => segment.startsWith(':') || segment === found[i])
  );
}

function segments(path: string): string[] {
  return path.replace(/^\/|\/$/g, '').split('/');
}
