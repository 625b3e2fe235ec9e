import { assertHarmless } from '../../support/hostile-queries.ts';
import type { Target } from '../../support/hostile-queries.ts';
import { r4 } from '../../support/r4.ts';
import { LONGEST } from './unhurried.ts';

const TRIES = 6;

/** Every value of these parameters: refused, or plain data for both databases. */
export function readAll(all: readonly Target[], values: readonly string[]): readonly string[] {
  const faults: string[] = [];
  let understood = 0;
  let slowest = 0;
  const timed = (target: Target, value: string): number => {
    const start = performance.now();
    if (assertHarmless(r4, target, value)) understood += 1;
    return performance.now() - start;
  };
  for (const [done, target] of all.entries()) {
    for (const [i, value] of values.entries()) {
      const asking = `${target.type}?${target.name}, value ${i}`;
      try {
        let took = timed(target, value);
        // The machine may be busy with something else: what is slow by itself is slow again.
        for (let tries = 1; took > LONGEST && tries < TRIES; tries += 1) {
          took = Math.min(took, timed(target, value));
        }
        slowest = Math.max(slowest, took);
        if (took > LONGEST) faults.push(`read: ${asking}: ${took.toFixed(0)} ms`);
      } catch (error) {
        faults.push(`read: ${asking}: ${String(error).slice(0, 300)}`);
      }
    }
    if (done % 2_000 === 1_999)
      console.error(`hostile: ${done + 1} of ${all.length} parameters read`);
  }
  const count = all.length * values.length;
  console.log(
    `read: ${values.length} values of ${all.length} parameters with modifiers: ${count} queries, ${understood} understood; slowest ${slowest.toFixed(1)} ms; ${faults.length} faults`,
  );
  return faults;
}
