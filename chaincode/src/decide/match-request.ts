import type { AccessRequest } from './access-request.ts';
import type { Interval, Provision } from '../consent/consent-set.ts';
import { isPurposeWithin } from './purpose-of-use.ts';

/** Roles under which a Consent names who uses data: recipients, the custodian, a grantee. */
export const USER_ROLES: ReadonlySet<string> = new Set(['IRCP', 'PRCP', 'CST', 'GRANTEE']);

export interface RequestMatch {
  readonly request: AccessRequest;
  /** Instant. */
  readonly at: string;
  readonly effect: 'permit' | 'deny';
  /** An enclosing rule has named the patient who asks. */
  readonly named: boolean;
  /** The actor belongs to the organisation that keeps the data. */
  readonly own: boolean;
  /** The actor cares for its patients there. */
  readonly staff: boolean;
  /** An enclosing rule has named actions. */
  readonly acts: boolean;
}

/**
 * Tells whether all criteria of a rule that a request can answer match it: AND over present elements, OR inside one.
 * A permit matches only what it surely covers, and a deny all it may cover, where an answer is not clear-cut.
 */
export function matchesRequest(rule: Provision, match: RequestMatch): boolean {
  const { request, at } = match;
  return (
    (rule.period === undefined || contains(rule.period, at)) &&
    matchesActor(rule, match) &&
    matchesAction(rule, match) &&
    (rule.classes === undefined || rule.classes.includes(request.class)) &&
    (rule.purposes === undefined || matchesPurposes(rule.purposes, match))
  );
}

/** Both bounds inclusive; instants of one format compare as text. */
export function contains({ start, end }: Interval, at: string): boolean {
  return (start === undefined || start <= at) && (end === undefined || at <= end);
}

/** Tells whether a rule names the patient who asks. */
export function namesPatient(rule: Provision, { actor }: AccessRequest): boolean {
  return rule.actors?.some(({ reference }) => reference === actor.patient) ?? false;
}

/** A permit that names no action lets others see data; to change what another organisation keeps, it must say so. */
function matchesAction({ actions }: Provision, { request, effect, own }: RequestMatch): boolean {
  if (actions !== undefined) return actions.includes(request.action);
  return effect === 'deny' || own || !changesData(request);
}

/** Tells whether a request would change data, rather than see them. */
export function changesData({ action }: AccessRequest): boolean {
  return action === 'collect' || action === 'correct';
}

/** A deny that names no action is about who sees data: it does not keep the custodian's staff from documenting care. */
export function leavesDocumenting({ request, effect, staff, acts }: RequestMatch): boolean {
  return effect === 'deny' && staff && !acts && changesData(request);
}

function matchesActor(rule: Provision, { request, effect, named }: RequestMatch): boolean {
  const { organization, practitioner, patient, role } = request.actor;
  // A permit for everybody, or for an organization, is meant for those who care for patients, not for other patients.
  const onlyByName = effect === 'permit' && role === 'patient';
  if (rule.actors === undefined) return named || !onlyByName;
  const references = onlyByName ? [patient] : [organization, practitioner, patient];
  return rule.actors.some(
    (actor) =>
      references.includes(actor.reference) &&
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
