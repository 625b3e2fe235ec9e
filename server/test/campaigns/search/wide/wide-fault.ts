import type { Held } from '../../../oracle/corpus.ts';
import { included, pathOf } from '../../../oracle/includes.ts';
import type { Ways } from '../../../oracle/includes.ts';
import type { WideExpected } from './wide-expected.ts';
import type { Page, Walk } from './wide-production.ts';
import type { WideQuestion } from './wide-question.ts';

interface Judgement {
  readonly question: WideQuestion;
  readonly expected: WideExpected;
  readonly ways: Ways;
  readonly resources: ReadonlyMap<string, Held>;
}

/** What is wrong with the pages of an answer; undefined when nothing is. */
export function wideFault(walk: Walk, judgement: Judgement): string | undefined {
  const { question, expected } = judgement;
  const all = walk.forwards.flatMap(({ matches }) => matches);
  return (
    (question.countOnly ? undefined : matchFault(expected, all)) ??
    totalFault(walk.forwards, question, expected) ??
    first(pagesOf(walk), (page) => pageFault(page, judgement)) ??
    linkFault(walk, question, all)
  );
}

function pagesOf({ forwards, backwards = [], before, first, again }: Walk): readonly Page[] {
  return [
    ...forwards,
    ...backwards,
    ...before,
    ...[first, again].filter((page) => page !== undefined),
  ];
}

/** As a whole: those that must be there, in their order, and none that may not. */
function matchFault({ must, may }: WideExpected, all: readonly string[]): string | undefined {
  const twice = all.filter((path, i) => all.indexOf(path) !== i);
  if (twice.length > 0) return `twice: ${shown(twice)}`;
  const wanted = must.map(pathOf);
  const known = new Set(wanted);
  const given = new Set(all);
  const lacking = wanted.filter((path) => !given.has(path));
  if (lacking.length > 0) return `lacks ${shown(lacking)}`;
  const excess = all.filter((path) => !known.has(path) && !may.has(path));
  if (excess.length > 0) return `has ${shown(excess)} too many`;
  const sure = all.filter((path) => known.has(path));
  const at = sure.findIndex((path, i) => path !== wanted[i]);
  return at < 0 ? undefined : `order: ${sure[at] ?? ''} stands where ${wanted[at] ?? ''} should`;
}

function totalFault(
  pages: readonly Page[],
  { total, countOnly }: WideQuestion,
  { must, may }: WideExpected,
): string | undefined {
  return first(pages, (page) => {
    if (countOnly && page.matches.length + page.includes.length > 0)
      return 'count: resources where only their number was wanted';
    if (page.total === undefined)
      return countOnly || total === 'accurate' ? 'total: it is missing' : undefined;
    const right = page.total >= must.length && page.total <= must.length + may.size;
    return right ? undefined : `total: ${page.total} of ${must.length}`;
  });
}

/** Of one page: what goes along with its matches. */
function pageFault(
  { matches, includes, odd }: Page,
  { question, ways, resources }: Judgement,
): string | undefined {
  if (odd.length > 0) return `odd entries: ${shown(odd)}`;
  const together = [...matches, ...includes];
  const twice = together.filter((path, i) => together.indexOf(path) !== i);
  if (twice.length > 0) return `twice on a page: ${shown(twice)}`;
  const held = matches.flatMap((path) => resources.get(path) ?? []);
  const { must, may } = included(ways, held, question.includes);
  const lacking = [...must].filter((path) => !includes.includes(path));
  if (lacking.length > 0) return `include lacks ${shown(lacking)}`;
  const excess = includes.filter((path) => !may.has(path));
  return excess.length > 0 ? `include has ${shown(excess)} too many` : undefined;
}

/** The same rows by all ways. */
function linkFault(walk: Walk, question: WideQuestion, all: readonly string[]): string | undefined {
  const { forwards, backwards, before } = walk;
  if (question.countOnly) return forwards.length > 1 ? 'links: a number has pages' : undefined;
  const back = backwards?.toReversed().flatMap(({ matches }) => matches);
  if (back && !same(back, all)) return 'links: the way back shows something else';
  const wrong = before.findIndex((page, i) => !alike(page, forwards[i]));
  if (wrong >= 0) return `links: before page ${wrong + 1} stands something else`;
  if (before.length > 0 && before.length !== forwards.length - 1)
    return 'links: a page does not lead back';
  return sizeFault(walk, question) ?? startFault(walk);
}

function sizeFault({ forwards }: Walk, { count }: WideQuestion): string | undefined {
  const sizes = forwards.map(({ matches }) => matches.length);
  const full = sizes.slice(0, -1).every((size) => size === count);
  return full && (sizes.at(-1) ?? 0) <= count ? undefined : `links: pages of ${sizes.join(', ')}`;
}

function startFault({ forwards, first: start, again }: Walk): string | undefined {
  if (!alike(again, forwards[0])) return 'links: what the page says it is, is something else';
  if (forwards.length === 1) return start && 'links: a single page leads to a first one';
  if (start === undefined) return 'links: none leads to the first page';
  return alike(start, forwards[0]) ? undefined : 'links: the first page is another';
}

function alike(a: Page | undefined, b: Page | undefined): boolean {
  return a !== undefined && b !== undefined && same(a.matches, b.matches);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((path, i) => path === b[i]);
}

function shown(paths: readonly string[]): string {
  return `${paths.length} (${paths.slice(0, 5).join(' ')})`;
}

function first<T>(items: readonly T[], judge: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = judge(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
