import type { FastifyRequest } from 'fastify';
import { refuseUnjudged } from '../interactions/conditions/judged.ts';
import { sentConditions } from './request.ts';
import { changesData, conditionedAs } from './routes/changes.ts';
import type { Route } from './routes/route.ts';

/**
 * HTTP has conditions passed over that come with what changes nothing: caches add them, and there is nothing to protect.
 *
 * @throws FhirError `invalid` for a condition on a write that would be passed over without a word
 */
export function assertConditionsFit(
  route: Pick<Route, 'offers' | 'changes'>,
  request: FastifyRequest,
): void {
  const sent = sentConditions(request);
  if (Object.values(sent).every((each) => each === undefined)) return;
  if (changesData(route, request)) refuseUnjudged(conditionedAs(route), sent, 'headers');
}
