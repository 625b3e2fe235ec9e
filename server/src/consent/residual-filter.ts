import type { Code, CompiledConsent, ResidualRule } from '@chartseal/chaincode';
import { everything, nothing } from '../search/query.ts';
import type { Filter } from '../search/query.ts';
import { both, either, not } from '../search/combine-filters.ts';
import { isLevel, LEVELS, ofLevel } from './label-mark.ts';

type Provision = NonNullable<CompiledConsent['provision']>;

/**
 * A residual rule as a criterion on security labels, so that totals, sorts and pages leave out what it denies. It never
 * hides what the rule permits: criteria that an index cannot answer (`isExact`) count as fulfilled here and are judged on
 * each resource (`permitsResource`).
 */
export function residualFilter(rule: ResidualRule): Filter {
  return both(mayMatch(rule), mayPermit(rule));
}

/** Over-approximates "permits, given that it matches". */
function mayPermit(rule: ResidualRule): Filter {
  const denied = rule.exceptions.map((exception) =>
    both(mustMatch(exception), not(mayPermit(exception))),
  );
  const permitted =
    rule.effect === 'permit'
      ? everything
      : either(rule.exceptions.map((exception) => both(mayMatch(exception), mayPermit(exception))));
  return both(not(either(denied)), permitted);
}

function mayMatch({ when, effect }: ResidualRule): Filter {
  if (when?.labels === undefined) return everything;
  return either(when.labels.map((label) => byLabel(label, effect) ?? everything));
}

function mustMatch({ when, effect }: ResidualRule): Filter {
  if (when === undefined) return everything;
  if (when.codes !== undefined || when.dataPeriod !== undefined || when.data !== undefined)
    return nothing;
  if (when.labels === undefined) return everything;
  return either(when.labels.map((label) => byLabel(label, effect) ?? nothing));
}

/** Confidentiality is a high-water mark, and indexed as such; undefined for labels of another kind. */
function byLabel(label: Code, effect: 'permit' | 'deny'): Filter | undefined {
  if (!isLevel(label)) return undefined;
  const level = LEVELS.indexOf(label.code);
  return effect === 'permit'
    ? not(either(LEVELS.slice(level + 1).map(ofLevel)))
    : either(LEVELS.slice(level).map(ofLevel));
}

/** Tells whether the criterion says all that a rule or provision says, for resources that are indexed by today's index. */
export function isExact(rule: ResidualRule | Provision): boolean {
  const criteria: ResidualRule['when'] = 'effect' in rule ? rule.when : rule;
  const { labels = [], codes, dataPeriod, data } = criteria ?? {};
  const answered = codes === undefined && dataPeriod === undefined && data === undefined;
  return answered && labels.every(isLevel) && rule.exceptions.every(isExact);
}
