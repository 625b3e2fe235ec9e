import type { Caller } from '../../support/app.ts';
import { Random } from '../search/random.ts';
import { HiddenWorld } from './hidden-world.ts';
import { secretQueries } from './secret-query.ts';

export interface Leak {
  readonly caller: string;
  readonly query: string;
  readonly before: string;
  readonly after: string;
}

const BATCH = 10;

/**
 * Asks each query twice, and changes in between only what the caller may not see: both answers, with all their pages,
 * must be the same bytes, apart from the links' sealed part, the answer's id and its time.
 */
export async function checkSecrecy({
  seed,
  queries,
  callers,
  progress,
}: {
  readonly seed: number;
  readonly queries: number;
  /** Others than those from whom it is hidden: to see that changes are noticed. */
  readonly callers?: readonly Caller[];
  readonly progress?: (asked: number) => void;
}): Promise<{ readonly leaks: readonly Leak[]; readonly found: number }> {
  const random = new Random(seed);
  const world = await HiddenWorld.start(random);
  const leaks: Leak[] = [];
  let found = 0;
  try {
    for (let asked = 0; asked < queries; asked += BATCH) {
      const samples = [...world.seen, ...world.hidden()];
      const wanted = secretQueries(samples, random, Math.min(BATCH, queries - asked)).map(
        (query) => ({ query, caller: random.pick(callers ?? world.callers) }),
      );
      const before = await Promise.all(wanted.map((one) => answerOf(world, one)));
      await world.change();
      const after = await Promise.all(wanted.map((one) => answerOf(world, one)));
      for (const [i, { query, caller }] of wanted.entries()) {
        const [first = '', second = ''] = [before[i], after[i]];
        if (first.includes('"mode":"match"')) found += 1;
        if (first !== second)
          leaks.push({ caller: caller.role, query, ...difference(first, second) });
      }
      progress?.(asked + wanted.length);
    }
  } finally {
    await world.close();
  }
  return { leaks, found };
}

/** The answer with all pages that follow and the one at the other end, one to a line. */
async function answerOf(
  world: HiddenWorld,
  { query, caller }: { readonly query: string; readonly caller: Caller },
): Promise<string> {
  const pages: string[] = [];
  let path: string | undefined = query;
  let last: string | undefined;
  while (path !== undefined && pages.length < 200) {
    const { status, text } = await world.ask(caller, path);
    pages.push(`${status} ${comparable(text)}`);
    last ??= linkOf(text, 'last');
    path = linkOf(text, 'next');
  }
  if (last !== undefined) pages.push(comparable((await world.ask(caller, last)).text));
  return pages.join('\n');
}

function linkOf(text: string, relation: 'next' | 'last'): string | undefined {
  return new RegExp(`"relation":"${relation}","url":"[^"]*?/fhir/?([^"]+)"`).exec(text)?.[1];
}

/** Without what belongs to the request: the answer's own id and time, and the sealed parts of links. */
function comparable(text: string): string {
  return text
    .replace(/^(\{"resourceType":"Bundle"),"id":"[^"]*"/, '$1')
    .replace(/^(\{"resourceType":"Bundle"),"meta":\{[^}]*\}/, '$1')
    .replaceAll(/_cursor=[^"&]+/g, '_cursor=…');
}

/** Where two texts differ, with what stands around it. */
function difference(before: string, after: string): Pick<Leak, 'before' | 'after'> {
  let at = 0;
  while (before[at] === after[at]) at += 1;
  const part = (text: string): string => text.slice(Math.max(0, at - 80), at + 120);
  return { before: part(before), after: part(after) };
}
