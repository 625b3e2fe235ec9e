import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startApp } from '../../support/app.ts';
import { suiteNumber } from '@chartseal/conformance/suite-option';
import { examples } from './corpus.ts';
import { REFUSED } from './expected.ts';
import { roundTrip } from './round-trip.ts';

const reports = join(import.meta.dirname, '..', '..', '..', '..', 'conformance', 'reports');

/** `--every=50` takes one example of fifty. */
const sample = suiteNumber('every', 1);

/**
 * Every official R4 example through the whole server on sqlite and the embedded ledger: what comes back is what was
 * sent, token by token, outside of `id` and `meta`.
 */
export async function runExamplesSuite(every = sample): Promise<boolean> {
  const began = performance.now();
  const server = await startApp({ CHARTSEAL_MAX_BODY: String(64 * 1024 * 1024) });
  const counts = { same: 0, refused: 0, fault: 0 };
  const lines: string[] = [];
  try {
    for (const example of examples(every)) {
      const { outcome, detail } = await roundTrip(server, example);
      const rule = REFUSED.get(example.name);
      const asExpected =
        outcome === 'refused' ? rule?.test(detail) === true : rule === undefined && detail === '';
      counts[asExpected ? outcome : 'fault'] += 1;
      if (!asExpected) lines.push(`  FAIL ${example.name}: ${outcome} ${detail.slice(0, 600)}`);
    }
  } finally {
    await server.close();
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  lines.unshift(
    `R4 examples: ${counts.same} without a lexical difference, ${counts.refused} refused as expected, ${counts.fault} at fault (${seconds} s)`,
  );
  console.log(lines.join('\n'));
  mkdirSync(reports, { recursive: true });
  writeFileSync(join(reports, 'r4-examples.txt'), `${lines.join('\n')}\n`);
  return counts.fault === 0 && counts.same > 0;
}
