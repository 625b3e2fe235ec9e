import { requestsByName } from './rows.ts';
import { tagged } from './tagged.ts';

const HEAD = `# Find a rule

Where in the code is what FHIR, SMART, Fabric or RFC 6962 call by a name? This page is generated:
\`npm run rules\` takes the requests from the rows of the API (\`server/src/http/routes\`), and the files
from the comments in them that say \`@rule\` and a term. A test fails when it is not up to date.
`;

const GROUPS: readonly (readonly [title: string, belongs: (term: string) => boolean])[] = [
  ['Search parameters of every type, and parameters of any request', (term) => /^_/.test(term)],
  ['Modifiers of search parameters', (term) => term.startsWith(':')],
  ['Headers', (term) => /^(Accept|Allow|Content-|CORS|ETag|If-|Prefer|X-)/.test(term)],
  ['Everything else', () => true],
];

/**
 * Returns the text of docs/find-a-rule.md.
 *
 * @throws Error when a row offers what no file is tagged with
 */
export function findARule(root: string): string {
  const rest = new Map(tagged(root));
  const take = (term: string): string => {
    const files = rest.get(term);
    if (files === undefined) throw new Error(`The API offers ${term}; no file says @rule ${term}`);
    rest.delete(term);
    return codes(files);
  };
  const offered = [...requestsByName()]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, requests]) => [code(name), codes(requests), take(name)]);
  const parts = [
    `${HEAD}\n## Interactions and operations\n\n${table(['name', 'request', 'file'], offered)}`,
  ];
  for (const [title, belongs] of GROUPS) {
    const terms = [...rest.keys()].filter(belongs);
    const rows = terms.map((term) => [code(term), take(term)]);
    parts.push(`## ${title}\n\n${table(['name', 'file'], rows)}`);
  }
  return parts.join('\n');
}

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [names, names.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function codes(texts: readonly string[]): string {
  return texts.map(code).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}
