import type { AccessRequest } from './access-request.ts';
import type { Interval, Provision } from './consent-set.ts';
import { isPurposeWithin } from './purpose-of-use.ts';

/** Roles under which a Consent names who uses data: recipients, the custodian, a grantee. */
const USER_ROLES = new Set(['IRCP', 'PRCP', 'CST', 'GRANTEE']);

export interface RequestMatch {
  readonly request: AccessRequest;
  /** Instant. */
  readonly at: string;
  readonly effect: 'permit' | 'deny';
  /** An enclosing rule has named the actor. */
  readonly named: boolean;
}

/**
 * Whether all criteria of a rule that a request can answer match it: AND over present elements, OR inside one.
 * Where an answer is not clear-cut, a permit matches only what it surely covers and a deny all it may cover.
 */
export function matchesRequest(rule: Provision, match: RequestMatch): boolean {
  const { request, at } = match;
  return (
    (rule.period === undefined || contains(rule.period, at)) &&
    matchesActor(rule, match) &&
    (rule.actions === undefined || rule.actions.includes(request.action)) &&
    (rule.classes === undefined || rule.classes.includes(request.class)) &&
    (rule.purposes === undefined || matchesPurposes(rule.purposes, match))
  );
}

/** Both bounds inclusive; instants of one format compare as text. */
export function contains({ start, end }: Interval, at: string): boolean {
  return (start === undefined || start <= at) && (end === undefined || at <= end);
}

function matchesActor(rule: Provision, { request, effect, named }: RequestMatch): boolean {
  const { organization, practitioner, patient, role } = request.actor;
  if (rule.actors === undefined) {
    // A permit for everybody is meant for those who care for the patient, not for other patients.
    return effect === 'deny' || named || role !== 'patient';
  }
  return rule.actors.some(
    (actor) =>
      [organization, practitioner, patient].includes(actor.reference) &&
      (effect === 'deny' || actor.role === undefined || USER_ROLES.has(actor.role.code)),
  );
}

function matchesPurposes(purposes: readonly string[], { request, effect }: RequestMatch): boolean {
  if (effect === 'permit') {
    return request.purposes.every((asked) => purposes.some((one) => isPurposeWithin(asked, one)));
  }
  return request.purposes.some((asked) =>
    purposes.some((one) => isPurposeWithin(asked, one) || isPurposeWithin(one, asked)),
  );
}
