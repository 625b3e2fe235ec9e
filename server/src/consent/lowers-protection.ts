import { canonicalLabel, isConfidentiality, type ResourceFacts } from '@chartseal/chaincode';
import { levelOf, LEVELS } from './label-mark.ts';
import { factsOf } from './resource-facts.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Tells whether a version is protected less than the one before: a lower level, or a label of another kind that is
 * gone.
 */
export function lowersProtection(before: Json, after: Json): boolean {
  const [old, now] = [factsOf(before), factsOf(after)];
  const kept = others(now);
  return (
    LEVELS.indexOf(levelOf(now)) < LEVELS.indexOf(levelOf(old)) ||
    [...others(old)].some((label) => !kept.has(label))
  );
}

function others({ labels }: ResourceFacts): ReadonlySet<string> {
  return new Set(
    labels
      .filter((label) => !isConfidentiality(label))
      .map(canonicalLabel)
      .map(({ system, code }) => `${system ?? ''}|${code}`),
  );
}
