import { parseArgs } from 'node:util';
import { checkSecrecy } from './check-secrecy.ts';

/** `--seed=…` repeats a run; `--queries=…` makes it shorter. */
const OPTIONS = { seed: { type: 'string' }, queries: { type: 'string' } } as const;

/** That nobody's answers depend on what he may not see. */
export async function runSecrecySuite(): Promise<boolean> {
  const { values } = parseArgs({ options: OPTIONS, allowPositionals: true, strict: false });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const queries = Number(values.queries ?? 1000);
  console.log(`seed ${seed}`);
  const { leaks, found } = await checkSecrecy({
    seed,
    queries,
    progress: (asked) => {
      if (asked % 100 === 0) console.error(`secrecy: ${asked} queries asked`);
    },
  });
  console.log(`${queries} queries, ${found} with matches: ${leaks.length} answers changed`);
  for (const { caller, query, before, after } of leaks.slice(0, 20))
    console.log(`  ${caller}: ${query}\n    before …${before}…\n    after  …${after}…`);
  return leaks.length === 0;
}
