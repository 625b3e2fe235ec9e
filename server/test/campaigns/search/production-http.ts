import { people, startApp } from '../../support/app.ts';
import type { TestApp } from '../../support/app.ts';
import type { Held } from '../../oracle/corpus.ts';
import { objects } from '../../oracle/official.ts';
import type { Json } from '../../oracle/official.ts';
import type { Question } from '../../oracle/question.ts';
import { urlPairs } from '../../oracle/url-pairs.ts';
import type { Production, Reply } from './production.ts';

/** Whether the hospital's own system sees the resource once it is written: no consent, nothing confidential. */
export function writable(resource: Json): boolean {
  const meta = resource['meta'] as Json | undefined;
  return resource['resourceType'] !== 'Consent' && meta?.['security'] === undefined;
}

/** The whole server, asked over its routes by the hospital's own system, which may see everything that is not confidential. */
export async function startWholeServer(
  resources: readonly Json[],
): Promise<{ readonly production: Production; readonly held: readonly Held[] }> {
  const app = await startApp();
  const held = await writeAll(app, resources);
  const production: Production = {
    name: 'http',
    add: () => Promise.reject(new Error('resources are written when the server starts')),
    ask: (question) => asked(app, question),
    close: () => app.close(),
  };
  return { production, held };
}

/** What the server makes of the resources, without those that it refuses. */
export async function writeAll(app: TestApp, resources: readonly Json[]): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const resource of resources) {
    const made = await write(app, resource);
    if (made !== undefined) held.push(made);
  }
  return held;
}

/** Undefined when the server refuses the resource, which is another test's affair. */
async function write(app: TestApp, resource: Json): Promise<Held | undefined> {
  const { resourceType, id } = resource as { readonly resourceType: string; readonly id: string };
  const answer = await app.ask(people.ehr, 'PUT', `${resourceType}/${id}`, {
    body: JSON.stringify(resource),
    headers: { prefer: 'return=representation' },
  });
  return answer.status === 201 ? { type: resourceType, id, resource: answer.json() } : undefined;
}

/** As the oracle calls what is found: with `_contained` by the path of its URL. */
function nameOf({ fullUrl, resource }: Json, { contained }: Question): string {
  if (contained === undefined || contained.which === 'false')
    return String((resource as Json)['id']);
  return String(fullUrl).replace(/^.*?\/fhir\//, '');
}

async function asked(app: TestApp, question: Question): Promise<Reply> {
  const pairs = [...urlPairs(question), ['_total', 'accurate']] as [string, string][];
  let path: string | undefined = `${question.type}?${new URLSearchParams(pairs).toString()}`;
  const ids: string[] = [];
  let total: number | undefined;
  while (path !== undefined) {
    const answer = await app.ask(people.ehr, 'GET', path, {
      headers: { prefer: 'handling=strict' },
    });
    if (answer.status !== 200) {
      const says = (code: string): boolean => answer.text.includes(`"code":"${code}"`);
      const [supported, costly] = [!says('not-supported'), says('too-costly')];
      return { refused: answer.text, supported, costly };
    }
    const bundle = answer.json();
    const entries = objects(bundle['entry']);
    const matches = entries.filter(({ search }) => (search as Json)['mode'] === 'match');
    ids.push(...matches.map((entry) => nameOf(entry, question)));
    total ??= bundle['total'] as number | undefined;
    const next = objects(bundle['link']).find(({ relation }) => relation === 'next');
    path = next && String(next['url']).replace(/^.*?\/fhir\//, '');
  }
  return { ids, total };
}
