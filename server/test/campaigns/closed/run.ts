import { parseArgs } from 'node:util';
import type { Book, Fault } from './book.ts';
import { checkClosed } from './check-closed.ts';

/** `--seed=…` repeats a run; `--requests=…` makes it shorter; `--stop=true` ends it at the first fault. */
const OPTIONS = {
  seed: { type: 'string' },
  requests: { type: 'string' },
  stop: { type: 'string' },
} as const;

/** That everything is closed but what consent or policy opens: every actor, every way, every state. */
export async function runClosedSuite(): Promise<boolean> {
  const { values } = parseArgs({ options: OPTIONS, allowPositionals: true, strict: false });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const requests = Number(values.requests ?? 25_000);
  console.log(`seed ${seed}`);
  let told = 0;
  const book = await checkClosed({
    seed,
    requests,
    stop: values.stop === 'true',
    progress: ({ requests: asked, faults }) => {
      if (asked - told < 1000) return;
      told = asked;
      console.error(`closed: ${asked} requests, ${faults.length} faults`);
    },
  });
  report(book);
  return book.faults.length === 0;
}

function report({ requests, counts, faults }: Book): void {
  console.log(`${requests} requests`);
  for (const [of, numbers] of Object.entries(counts)) {
    const each = [...numbers].map(([name, number]) => `${name} ${number}`);
    console.log(`by ${of} (${each.length}): ${each.join(', ')}`);
  }
  console.log(`${faults.length} faults`);
  for (const fault of faults) console.log(`  ${inWords(fault)}`);
}

/** One fault, in lines of its own. */
export function inWords({ kind, actor, way, state, input, expected, got }: Fault): string {
  return [`${kind}: ${actor}, ${way}, ${state}`, input, `expected ${expected}`, `got ${got}`].join(
    '\n    ',
  );
}
