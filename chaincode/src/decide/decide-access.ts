import type { AccessRequest } from './access-request.ts';
import { MAX_PROVISION_LEVELS } from '../consent/consent-set.ts';
import type { CompiledConsent, ConsentSet, Provision } from '../consent/consent-set.ts';
import type { OverarchingPolicy } from '../consent/overarching-policy.ts';
import type { Decision, ResidualCriteria, ResidualRule } from './decision.ts';
import { contains, matchesRequest, namesPatient } from './match-request.ts';
import { isPurposeWithin } from './purpose-of-use.ts';
import { CONFIDENTIALITY } from './label-systems.ts';

export interface AccessQuestion {
  readonly request: AccessRequest;
  /** All consents of the patient; undefined when there are none. */
  readonly consents: ConsentSet | undefined;
  /** The custodian's overarching policy; undefined permits nothing. */
  readonly policy: OverarchingPolicy | undefined;
  /** MSP id of the organisation that keeps the data. */
  readonly custodian: string;
  /** Instant (RFC 3339, UTC, milliseconds) at which the consents are judged. */
  readonly at: string;
}

/**
 * May this be disclosed? Pure, so that peers, servers and auditors compute the same answer from the same facts.
 * A consent applies when it is active and its root criteria match; nested rules are exceptions, the deepest matching
 * one decides and among siblings deny wins. Across consents deny wins; where none applies the overarching policy
 * decides. What depends on the single resource is left to `Decision.residual`.
 *
 * @rule consent decision
 */
export function decideAccess(question: AccessQuestion): Decision {
  const { request } = question;
  if (request.class === 'AccessLog') {
    return { ...settled(mayReadAccessLog(question) ? 'permit' : 'deny'), reason: 'access-log' };
  }
  if (request.self && request.actor.role === 'patient') {
    return { ...settled('permit'), reason: 'self' };
  }

  const applicable = applicableConsents(question);
  const none = applicable.filter(({ bound }) => !canYield(bound, 'permit'));
  if (none.length > 0) {
    return {
      ...settled('deny'),
      reason: 'consent-deny',
      basis: none.map(({ name }) => name).sort(),
    };
  }

  const basis = applicable.map(({ name }) => name);
  const residual = applicable.map(({ bound }) => bound).filter((rule) => canYield(rule, 'deny'));
  if (applicable.some(({ rule }) => rule.when === undefined)) {
    return { outcome: 'permit', reason: 'consent-permit', basis: basis.sort(), residual };
  }

  // Every consent left applies to some resources only: the others need the policy, or another consent.
  const permitting = applicable.map(({ rule }) => rule).filter((rule) => canYield(rule, 'permit'));
  const exceptions = [...permitting, ...policyRules(question)];
  const named = [...basis, `policy@${question.policy?.version ?? 0}`].sort();
  if (exceptions.length === 0) {
    return { ...settled('deny'), reason: 'policy-deny', basis: named };
  }
  return {
    outcome: 'permit',
    reason: permitting.length > 0 ? 'consent-permit' : 'policy-permit',
    basis: named,
    residual: [...residual, { effect: 'deny', exceptions }],
  };
}

function settled(outcome: Decision['outcome']): Omit<Decision, 'reason'> {
  return { outcome, basis: [], residual: [] };
}

interface Applicable {
  /** `Consent/<id>@<version>` */
  readonly name: string;
  /** Holds what is left of the consent's root rule. */
  readonly rule: ResidualRule;
  /** The same as a rule that permits where the consent does not apply. */
  readonly bound: ResidualRule;
}

function applicableConsents(question: AccessQuestion): readonly Applicable[] {
  const { request, consents, at } = question;
  const own = isOwn(question);
  return (consents?.consents ?? []).flatMap((consent) => {
    if (!isInForce(consent, at)) return [];
    const effect = consent.provision?.type ?? consent.policyRule ?? 'deny';
    const root = consent.provision ?? { exceptions: [] };
    const rule = remaining(root, { request, at, effect, named: false, own }, MAX_PROVISION_LEVELS);
    if (rule === undefined) return [];
    const bound: ResidualRule =
      rule.when === undefined ? rule : { effect: 'permit', exceptions: [rule] };
    return [{ name: `${consent.id}@${consent.version}`, rule, bound }];
  });
}

function isInForce({ status, dateTime }: CompiledConsent, at: string): boolean {
  return status === 'active' && (dateTime === undefined || contains({ start: dateTime }, at));
}

/** Partial evaluation: the rule without what the request has answered; undefined when it does not match. */
function remaining(
  rule: Provision,
  match: Parameters<typeof matchesRequest>[1],
  levels: number,
): ResidualRule | undefined {
  if (levels === 0) return { effect: 'deny', exceptions: [] };
  if (!matchesRequest(rule, match)) return undefined;
  const named = match.named || namesPatient(rule, match.request);
  const exceptions = rule.exceptions.flatMap((exception) => {
    const inner = { ...match, named, effect: exception.type ?? 'deny' };
    return remaining(exception, inner, levels - 1) ?? [];
  });
  const when = unanswered(rule);
  return { effect: match.effect, ...(when === undefined ? {} : { when }), exceptions };
}

function unanswered({ labels, codes, dataPeriod, data }: Provision): ResidualCriteria | undefined {
  const when: ResidualCriteria = {
    ...(labels === undefined ? {} : { labels }),
    ...(codes === undefined ? {} : { codes }),
    ...(dataPeriod === undefined ? {} : { dataPeriod }),
    ...(data === undefined ? {} : { data }),
  };
  return Object.keys(when).length === 0 ? undefined : when;
}

/** Tells whether some resource could get this outcome; errs towards yes. */
function canYield(rule: ResidualRule, outcome: 'permit' | 'deny'): boolean {
  const always = rule.exceptions.filter(({ when }) => when === undefined);
  if (outcome === 'permit' && !always.every((exception) => canYield(exception, 'permit'))) {
    return false;
  }
  if (always.length === 0 && rule.effect === outcome) return true;
  return rule.exceptions.some((exception) => canYield(exception, outcome));
}

const UP_TO_NORMAL: ResidualRule = {
  effect: 'permit',
  when: { labels: [{ system: CONFIDENTIALITY, code: 'N' }] },
  exceptions: [],
};
const CARE = ['TREAT', 'HPAYMT', 'HOPERAT'];
const OWN_ROLES = new Set(['practitioner', 'system', 'admin']);

/**
 * Returns what the overarching policy permits this request, for resources of at most normal confidentiality; empty:
 * nothing.
 */
function policyRules(question: AccessQuestion): readonly ResidualRule[] {
  const { request, policy } = question;
  switch (policy?.implicit) {
    case 'basic-normal':
      return isOwnStaff(question) && isForCare(request) ? [UP_TO_NORMAL] : [];
    case 'all-normal':
      return isAuthorisedUse(question) ? [UP_TO_NORMAL] : [];
    case 'break-glass-only':
    case 'deny':
    case undefined:
      return [];
  }
}

function isForCare({ purposes }: AccessRequest): boolean {
  return purposes.every((purpose) => CARE.some((care) => isPurposeWithin(purpose, care)));
}

function isOwn({ request: { actor }, policy, custodian }: AccessQuestion): boolean {
  return actor.msp === custodian && actor.organization === policy?.organization;
}

function isOwnStaff(question: AccessQuestion): boolean {
  return isOwn(question) && OWN_ROLES.has(question.request.actor.role);
}

/** Anybody may read who is known as more than a patient; only the custodian's own may write. */
function isAuthorisedUse(question: AccessQuestion): boolean {
  const { actor, action } = question.request;
  const writes = action === 'collect' || action === 'correct';
  return writes ? isOwnStaff(question) : actor.role !== 'patient';
}

function mayReadAccessLog({ request, custodian }: AccessQuestion): boolean {
  const { role, msp } = request.actor;
  if (role === 'patient') return request.self;
  return role === 'auditor' || (msp === custodian && (role === 'admin' || role === 'system'));
}
