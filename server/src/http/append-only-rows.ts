import { assertNoRecord } from '../access/may-write-type.ts';
import type { RestRequest } from './rest-request.ts';
import { changesVersion } from './routes/changes.ts';
import type { Route } from './routes/route.ts';

/**
 * Refuses what can only change a version that is there, of a type whose versions stay: before the body is read, and
 * whether or not something is there.
 *
 * @throws FhirError `method`
 */
export function assertMayChangeType(
  { offers }: Pick<Route, 'offers'>,
  { params }: Pick<RestRequest, 'params'>,
): void {
  const { type } = params as { readonly type?: string };
  if (type !== undefined && changesVersion(offers)) assertNoRecord(type);
}
