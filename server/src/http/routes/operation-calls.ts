import { FhirError } from '../../fhir/errors.ts';
import type { CalledByEntry, FindOperation } from '../../interactions/bundle/operation-call.ts';
import { refusalOf } from '../methods.ts';
import type { RestRequest } from '../rest-request.ts';
import { changesData, conditionedAs } from './changes.ts';
import { matchPath, nameIn } from './path.ts';
import type { Route } from './route.ts';

/** Tells how entries of Bundles call the operations of these rows: what a row does for a request, it does for an entry. */
export function operationCalls(rows: readonly Route[]): FindOperation {
  return (asked) => {
    const method = asked.method === 'HEAD' ? 'GET' : asked.method;
    const found = rows.find(
      (row) => row.method === method && matchPath(row.path, asked.path) !== undefined,
    );
    if (found === undefined) throw refusalOf(rows, { ...asked, shown: asked.path }).error;
    if (found.alone === true) {
      throw new FhirError('not-supported', `${nameIn(asked.path) ?? ''} is no entry of a Bundle`, {
        expression: 'http.request',
      });
    }
    const request = requestOf(asked, matchPath(found.path, asked.path));
    return {
      run: (principal) => found.act(principal, request),
      check: () => found.check?.(request),
      changes: () => changesData(found, request),
      conditioned: conditionedAs(found),
    };
  };
}

function requestOf(
  { method, path, query, resource, preconditions }: CalledByEntry,
  params: unknown,
): RestRequest {
  return {
    method,
    url: query === '' ? `/${path}` : `/${path}?${query}`,
    params,
    headers: {},
    preconditions,
    body: resource === undefined ? undefined : Buffer.from(resource, 'utf8'),
  };
}
