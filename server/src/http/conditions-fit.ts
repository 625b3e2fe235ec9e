import type { FastifyRequest } from 'fastify';
import { FhirError } from '../fhir/errors.ts';
import { refusePreconditions } from '../interactions/conditions/preconditions.ts';
import { ifNoneExist, sentConditions } from './request.ts';
import type { Interaction, Route } from './routes/route.ts';

/** Which conditions the interactions that change something judge; reading and operations change nothing, or say so themselves. */
const JUDGED: Partial<Record<Interaction['interaction'], 'criteria' | 'preconditions' | 'none'>> = {
  create: 'criteria',
  update: 'preconditions',
  patch: 'preconditions',
  delete: 'preconditions',
  'batch-or-transaction': 'none',
};

/** @throws FhirError `invalid` for a condition on a write that would be passed over without a word */
export function assertConditionsFit(
  { offers }: Pick<Route, 'offers'>,
  request: FastifyRequest,
): void {
  const judged = 'interaction' in offers ? JUDGED[offers.interaction] : undefined;
  if (judged === undefined) return;
  if (judged !== 'preconditions') refusePreconditions(sentConditions(request), 'headers');
  if (judged === 'criteria' || ifNoneExist(request) === undefined) return;
  throw new FhirError('invalid', 'If-None-Exist belongs to the create of one resource', {
    expression: 'http.If-None-Exist',
  });
}
