import { people } from '../../../support/app.ts';
import type { Answer, TestApp } from '../../../support/app.ts';
import { objects, text } from '../../../oracle/official.ts';
import type { Json } from '../../../oracle/official.ts';
import { pairsAsked, pathAsked } from './wide-question.ts';
import type { WideQuestion } from './wide-question.ts';

/** One page as its Bundle says. */
export interface Page {
  /** `Type/id`, in order. */
  readonly matches: readonly string[];
  readonly includes: readonly string[];
  /** Entries whose full URL or version is not that of the resource in it. */
  readonly odd: readonly string[];
  readonly total: number | undefined;
  /** Paths below the base, by relation. */
  readonly links: Readonly<Record<string, string>>;
}

export interface Refusal {
  readonly refused: string;
}

/** How many pages are gone back to, and from how many the one before is asked for. */
const MOST_BACK = 12;

/** How often a question is asked that takes too long. */
const ATTEMPTS = 3;

/** What was found by following links. */
export interface Walk {
  readonly forwards: readonly Page[];
  /** From the last page to the first; undefined when the server does not say which is the last, or it is far. */
  readonly backwards: readonly Page[] | undefined;
  /** What `first` leads to from the last page. */
  readonly first: Page | undefined;
  /** The page before each page that has one, in the order of the pages. */
  readonly before: readonly Page[];
  /** What the first page says of itself, asked again. */
  readonly again: Page | undefined;
}

/** Asks as the hospital's own system, and follows the links in both directions. */
export async function askWide(app: TestApp, question: WideQuestion): Promise<Walk | Refusal> {
  const begun = await open(app, question);
  if ('refused' in begun) return begun;
  const follow = async (path: string): Promise<Page> => {
    const page = await get(app, path);
    if ('refused' in page) throw new Error(`a link is refused: ${path}: ${page.refused}`);
    return page;
  };
  const forwards = [begun];
  for (let at = begun; at.links['next'] !== undefined;) {
    at = await follow(at.links['next']);
    forwards.push(at);
  }
  const self = begun.links['self'];
  const few = forwards.length <= MOST_BACK;
  const before: Page[] = [];
  for (const { links } of few ? forwards : []) {
    if (links['previous'] !== undefined) before.push(await follow(links['previous']));
  }
  const first = forwards.at(-1)?.links['first'];
  return {
    forwards,
    backwards: few ? await backFrom(begun.links['last'], follow) : undefined,
    before,
    first: first === undefined ? undefined : await follow(first),
    again: self === undefined ? undefined : await follow(self),
  };
}

async function backFrom(
  last: string | undefined,
  follow: (path: string) => Promise<Page>,
): Promise<readonly Page[] | undefined> {
  if (last === undefined) return undefined;
  const pages = [await follow(last)];
  for (;;) {
    const previous = pages.at(-1)?.links['previous'];
    if (previous === undefined) return pages;
    pages.push(await follow(previous));
  }
}

async function open(app: TestApp, question: WideQuestion): Promise<Page | Refusal> {
  const query = new URLSearchParams(
    pairsAsked(question).map(([name, value]): [string, string] => [name, value]),
  ).toString();
  const path = pathAsked(question);
  if (!question.post) return get(app, `${path}?${query}`);
  const type = 'application/x-www-form-urlencoded';
  return patiently(() =>
    app.ask(people.ehr, 'POST', `${path === '' ? '' : `${path}/`}_search`, {
      body: query,
      headers: { prefer: 'handling=strict', 'content-type': type },
    }),
  );
}

function get(app: TestApp, path: string): Promise<Page | Refusal> {
  const headers = { prefer: 'handling=strict' };
  return patiently(() => app.ask(people.ehr, 'GET', path, { headers }));
}

/** What takes too long is asked again: the machine may be busy with other things. */
async function patiently(ask: () => Promise<Answer>): Promise<Page | Refusal> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    const slow = answer.status !== 200 && answer.text.includes('The search takes too long');
    if (!slow || attempt === ATTEMPTS) return pageOf(answer);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

function pageOf(answer: Answer): Page | Refusal {
  if (answer.status !== 200) return { refused: `${answer.status} ${answer.text.slice(0, 500)}` };
  const bundle = answer.json();
  const matches: string[] = [];
  const includes: string[] = [];
  const odd: string[] = [];
  for (const { fullUrl, resource, search } of objects(bundle['entry'])) {
    const { resourceType, id, meta } = resource as Json;
    const path = `${String(resourceType)}/${String(id)}`;
    const mode = text((search as Json | undefined)?.['mode']);
    // A chain that leads through canonical URLs is told of.
    if (mode === 'outcome' && JSON.stringify(resource).includes('by canonical URLs')) continue;
    const version = (meta as Json | undefined)?.['versionId'];
    if (String(fullUrl).replace(/^.*?\/fhir\//, '') !== path || version !== '1') odd.push(path);
    if (mode === 'match') matches.push(path);
    else if (mode === 'include') includes.push(path);
    else odd.push(path);
  }
  const links = objects(bundle['link']).map(({ relation, url }): [string, string] => [
    String(relation),
    String(url).replace(/^.*?\/fhir\/?/, ''),
  ]);
  return {
    matches,
    includes,
    odd,
    total: bundle['total'] as number | undefined,
    links: Object.fromEntries(links),
  };
}
