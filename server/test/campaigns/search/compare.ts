import { matches } from '../../oracle/judge.ts';
import type { Corpus, Held } from '../../oracle/corpus.ts';
import { expectedInside } from './expected-inside.ts';
import type { Expected } from './expected-inside.ts';
import { inOrder } from '../../oracle/order.ts';
import type { Question } from '../../oracle/question.ts';
import type { Reply } from './production.ts';

export function expected(corpus: Corpus, question: Question): Expected {
  const { contained } = question;
  if (contained && contained.which !== 'false')
    return expectedInside(corpus, { ...question, contained });
  const must: Held[] = [];
  const may = new Set<string>();
  for (const held of corpus.of(question.type)) {
    const answer = matches(corpus, held, question);
    if (answer === true) must.push(held);
    if (answer === undefined) may.add(held.id);
  }
  return { must: must.sort(inOrder(corpus, question)), may };
}

/** What is wrong with the server's answer; undefined when nothing is. */
export function fault({ must, may }: Expected, reply: Reply): string | undefined {
  if ('refused' in reply) return `refused: ${reply.refused}`;
  const wanted = must.map(({ id }) => id);
  const given = new Set(reply.ids);
  if (given.size !== reply.ids.length) return `twice: ${twice(reply.ids).join(' ')}`;
  const lacking = wanted.filter((id) => !given.has(id));
  if (lacking.length > 0) return `lacks ${shown(lacking)}`;
  const known = new Set(wanted);
  const excess = reply.ids.filter((id) => !known.has(id) && !may.has(id));
  if (excess.length > 0) return `has ${shown(excess)} too many`;
  const sure = reply.ids.filter((id) => known.has(id));
  const first = sure.findIndex((id, i) => id !== wanted[i]);
  if (first >= 0) return `order: ${sure[first] ?? ''} stands where ${wanted[first] ?? ''} should`;
  if (reply.total !== undefined && reply.total !== reply.ids.length)
    return `total ${reply.total} of ${reply.ids.length} matches`;
  return undefined;
}

function twice(ids: readonly string[]): string[] {
  return ids.filter((id, i) => ids.indexOf(id) !== i);
}

function shown(ids: readonly string[]): string {
  return `${ids.length} (${ids.slice(0, 5).join(' ')})`;
}
