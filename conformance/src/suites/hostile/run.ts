import { assertHarmless, targets } from '../../../../server/test/support/hostile-queries.ts';
import { hostileValues } from '../../../../server/test/support/hostile-values.ts';
import { r4 } from '../../../../server/test/support/r4.ts';
import { suiteOption } from '../../suite-option.ts';

/** Longest time that reading one value may take: others wait meanwhile. */
const LONGEST = 100;

/**
 * Every hostile value for every search parameter of every type with every modifier: each is refused, or becomes plain
 * data for both databases. About 24 million queries; `--part=n/m` takes one part of m.
 */
export function runHostileSuite(): boolean {
  const [part, parts] = (suiteOption('part', /^\d+\/\d+$/) ?? '1/1').split('/');
  const values = hostileValues();
  const all = targets(r4).filter((_, i) => i % Number(parts) === Number(part) - 1);
  const faults: string[] = [];
  let understood = 0;
  let slowest = 0;
  const slow: string[] = [];
  for (const target of all) {
    for (const [i, value] of values.entries()) {
      const start = performance.now();
      try {
        if (assertHarmless(r4, target, value)) understood += 1;
      } catch (error) {
        faults.push(`${target.type}?${target.name}, value ${i}: ${String(error).slice(0, 300)}`);
      }
      const took = performance.now() - start;
      slowest = Math.max(slowest, took);
      if (took > LONGEST) slow.push(`${target.type}?${target.name}, value ${i}: ${took} ms`);
    }
  }
  const count = all.length * values.length;
  console.log(
    `hostile values: ${values.length} values of ${all.length} parameters: ${count} queries`,
  );
  console.log(`understood ${understood}, refused ${count - understood - faults.length}`);
  console.log(`slowest ${slowest.toFixed(1)} ms, slower than ${LONGEST} ms: ${slow.length}`);
  for (const line of [...faults, ...slow].slice(0, 50)) console.log(`  ${line}`);
  return faults.length === 0;
}
