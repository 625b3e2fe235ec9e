import type { Verdict } from './pairs.ts';

const OUTCOMES = ['agrees', 'differs', 'not implemented', 'not judged'] as const;

/** Pairs by type of parameter and outcome, then each pair that does not agree. */
export function pairsTable(verdicts: readonly Verdict[]): string {
  const byType = Map.groupBy(verdicts, ({ parameter }) => parameter.type);
  const row = (name: string, of: readonly Verdict[]): string => {
    const counts = OUTCOMES.map((outcome) => of.filter((one) => one.outcome === outcome).length);
    return [name.padEnd(10), ...[of.length, ...counts].map((n) => String(n).padStart(16))].join('');
  };
  const head = ['type'.padEnd(10), ...['pairs', ...OUTCOMES].map((name) => name.padStart(16))];
  const rows = [...byType].sort().map(([type, of]) => row(type, of));
  const others = verdicts
    .filter(({ outcome }) => outcome !== 'agrees')
    .map(
      ({ base, parameter, outcome, why }) =>
        `${outcome}: ${base}.${parameter.code} (${parameter.type}) ${why ?? ''}`,
    );
  return [head.join(''), ...rows, row('all', verdicts), ...others].join('\n');
}
