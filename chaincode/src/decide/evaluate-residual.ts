import type { Code, Interval } from '../consent/consent-set.ts';
import type { ResidualCriteria, ResidualRule } from './decision.ts';
import { labelCovers } from './security-label.ts';

/** Holds what residual rules ask of one resource. References are relative (`Type/id`). */
export interface ResourceFacts {
  /** Security labels of the resource and of all it contains. */
  readonly labels: readonly Code[];
  /** Every coding found anywhere in it: a rule's code applies when the instance holds it. */
  readonly codes: readonly Code[];
  /** Clinically relevant time; absent when unknown. */
  readonly date?: Interval;
  /** The kind of resource has no clinical time at all, so that no data period concerns it. */
  readonly timeless?: boolean;
  /** The resource itself. */
  readonly reference: string;
  /** Names what carries it (a Bundle, Parameters): who names the whole as an instance names this, too. */
  readonly within?: readonly string[];
  /** Lists all that it refers to. */
  readonly references: readonly string[];
  readonly authors: readonly string[];
  /** Some of what it refers to cannot be told, or some of its authors. */
  readonly unclear?: { readonly references: boolean; readonly authors: boolean };
}

/** Tells whether every rule permits the resource. */
export function permits(residual: readonly ResidualRule[], facts: ResourceFacts): boolean {
  return residual.every((rule) => matches(rule, facts) && evaluate(rule, facts) === 'permit');
}

/** The deepest matching exception decides; among siblings deny wins. */
function evaluate(rule: ResidualRule, facts: ResourceFacts): 'permit' | 'deny' {
  const matching = rule.exceptions.filter((exception) => matches(exception, facts));
  if (matching.length === 0) return rule.effect;
  return matching.every((exception) => evaluate(exception, facts) === 'permit') ? 'permit' : 'deny';
}

/** AND over present criteria, OR inside one. A permit matches only what it surely covers, a deny all it may cover. */
function matches({ when, effect }: ResidualRule, facts: ResourceFacts): boolean {
  if (when === undefined) return true;
  return (
    (when.labels === undefined ||
      when.labels.some((label) => labelCovers(label, facts.labels, effect))) &&
    (when.codes === undefined || when.codes.some((code) => holds(code, facts, effect))) &&
    (when.dataPeriod === undefined || isWithin(when.dataPeriod, facts, effect)) &&
    (when.data === undefined || when.data.some((data) => isConcerned(data, facts, effect)))
  );
}

function holds(code: Code, facts: ResourceFacts, effect: 'permit' | 'deny'): boolean {
  return facts.codes.some(
    (other) =>
      other.code === code.code &&
      (other.system === code.system ||
        (effect === 'deny' && (other.system === undefined || code.system === undefined))),
  );
}

function isWithin(period: Interval, facts: ResourceFacts, effect: 'permit' | 'deny'): boolean {
  const { date } = facts;
  if (date === undefined) return effect === 'deny' && facts.timeless !== true;
  const { start, end } = period;
  if (effect === 'permit') {
    return (
      (start === undefined || (date.start !== undefined && start <= date.start)) &&
      (end === undefined || (date.end !== undefined && date.end <= end))
    );
  }
  return (
    (start === undefined || date.end === undefined || start <= date.end) &&
    (end === undefined || date.start === undefined || date.start <= end)
  );
}

type Data = NonNullable<ResidualCriteria['data']>[number];

/**
 * `related` and `dependents` reach the instance and what refers to it (IHE PCF reads `related` so). A reference that
 * nobody can follow may lead there: that is enough for a deny.
 */
function isConcerned(
  { meaning, reference }: Data,
  facts: ResourceFacts,
  effect: 'permit' | 'deny',
): boolean {
  const unclear = effect === 'deny' ? facts.unclear : undefined;
  const isNamed = facts.reference === reference || facts.within?.includes(reference) === true;
  switch (meaning) {
    case 'authoredby':
      return facts.authors.includes(reference) || unclear?.authors === true;
    case 'instance':
      return isNamed;
    default:
      return isNamed || facts.references.includes(reference) || unclear?.references === true;
  }
}
