import type { Code, ResidualRule } from '@chartseal/chaincode';
import type { Filter } from '../search/query.ts';
import { CONFIDENTIALITY, LEVELS, ofLevel } from './label-mark.ts';

const NORMAL = LEVELS.indexOf('N');

const ALL: Filter = { op: 'and', all: [] };
const NONE: Filter = { op: 'or', any: [] };

/**
 * A residual rule as a criterion on security labels, so that totals, sorts and pages leave out what it denies. It never
 * hides what the rule permits: criteria that an index cannot answer count as fulfilled here and are judged on each
 * resource afterwards (`permitsResource`).
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
      ? ALL
      : either(rule.exceptions.map((exception) => both(mayMatch(exception), mayPermit(exception))));
  return both(not(either(denied)), permitted);
}

function mayMatch({ when, effect }: ResidualRule): Filter {
  if (when?.labels === undefined) return ALL;
  return either(when.labels.map((label) => byLabel(label, effect) ?? ALL));
}

function mustMatch({ when, effect }: ResidualRule): Filter {
  if (when === undefined) return ALL;
  if (when.codes !== undefined || when.dataPeriod !== undefined || when.data !== undefined)
    return NONE;
  return either((when.labels ?? []).map((label) => byLabel(label, effect) ?? NONE));
}

/** Confidentiality is a high-water mark, normal where nothing is said; undefined for labels with a hierarchy. */
function byLabel(label: Code, effect: 'permit' | 'deny'): Filter | undefined {
  const level = LEVELS.indexOf(label.code);
  if ((label.system ?? CONFIDENTIALITY) !== CONFIDENTIALITY || level < 0) return undefined;
  const above = either(LEVELS.slice(level + 1).map(confidentiality));
  if (effect === 'permit') return level >= NORMAL ? not(above) : undefined;
  return level > NORMAL ? either(LEVELS.slice(level).map(confidentiality)) : undefined;
}

/** By the label as it stands, or by what all labels come to where that is indexed. */
function confidentiality(code: string): Filter {
  const label: Filter = { op: 'token', param: '_security', system: CONFIDENTIALITY, code };
  return { op: 'or', any: [label, ofLevel(code)] };
}

function both(a: Filter, b: Filter): Filter {
  if (a === ALL || b === NONE) return b;
  if (b === ALL || a === NONE) return a;
  return { op: 'and', all: [a, b] };
}

function either(filters: readonly Filter[]): Filter {
  const useful = filters.filter((filter) => filter !== NONE);
  if (useful.includes(ALL)) return ALL;
  return useful.length === 0
    ? NONE
    : useful.length === 1 && useful[0] !== undefined
      ? useful[0]
      : { op: 'or', any: useful };
}

function not(filter: Filter): Filter {
  if (filter === ALL) return NONE;
  if (filter === NONE) return ALL;
  return { op: 'not', filter };
}
