import { isConfidentiality, type Code, type ResidualRule } from '@chartseal/chaincode';
import { everything, nothing } from '../search/query.ts';
import type { Filter } from '../search/query.ts';
import { both, either, not } from '../search/combine-filters.ts';
import { isLevel, LEVELS, noOtherLabels, ofLevel } from './label-mark.ts';

/**
 * A residual rule as a criterion that only what the rule surely permits satisfies. For resources that a search leads
 * through without showing them: nobody judges those afterwards, so what an index cannot answer counts as refused.
 */
export function sureFilter(rule: ResidualRule): Filter {
  return both(surelyMatches(rule), surelyPermits(rule));
}

function surelyPermits({ effect, exceptions }: ResidualRule): Filter {
  const safe = exceptions.map((exception) =>
    either([not(mayMatch(exception)), surelyPermits(exception)]),
  );
  const permitted = effect === 'permit' ? everything : either(exceptions.map(surelyMatches));
  return safe.reduce(both, permitted);
}

function surelyMatches({ when, effect }: ResidualRule): Filter {
  if (when === undefined) return everything;
  const { labels, codes, dataPeriod, data } = when;
  if (codes !== undefined || dataPeriod !== undefined || data !== undefined) return nothing;
  if (labels === undefined) return everything;
  return either(
    labels
      .map((label) => coveredLevels(label, effect))
      .map((levels) => (levels ? ofLevels(levels) : nothing)),
  );
}

function mayMatch({ when, effect }: ResidualRule): Filter {
  if (when?.labels === undefined) return everything;
  return either(
    when.labels.map((label) => {
      const levels = coveredLevels(label, effect);
      if (levels) return not(ofLevels(LEVELS.filter((level) => !levels.includes(level))));
      return isConfidentiality(label) || label.system === undefined
        ? everything
        : not(noOtherLabels);
    }),
  );
}

/** Levels whose resources the label covers; undefined for a label that is no level. */
function coveredLevels(label: Code, effect: 'permit' | 'deny'): readonly string[] | undefined {
  if (!isLevel(label)) return undefined;
  const level = LEVELS.indexOf(label.code);
  return effect === 'permit' ? LEVELS.slice(0, level + 1) : LEVELS.slice(level);
}

function ofLevels(levels: readonly string[]): Filter {
  return either(levels.map(ofLevel));
}
