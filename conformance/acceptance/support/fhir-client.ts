import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clone, readersEnvironment, root } from './clone.ts';
import { fhirBase } from './stack.ts';

/** What a server answered: exact text, and the text parsed when it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Bundle {
  readonly resourceType: 'Bundle';
  readonly total?: number;
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly resource: { readonly resourceType: string; readonly id: string } & Record<
      string,
      unknown
    >;
    readonly search?: { readonly mode: string };
  }[];
}

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly {
    readonly severity: string;
    readonly code: string;
    readonly diagnostics?: string;
    readonly expression?: readonly string[];
  }[];
}

const run = promisify(execFile);
const tokens = new Map<string, { readonly value: Promise<string>; readonly at: number }>();

/** A token as a user gets it: from `npm run --silent token`. Kept for two minutes. */
export function token(persona: string, options: readonly string[] = []): Promise<string> {
  const key = [persona, ...options].join(' ');
  const kept = tokens.get(key);
  if (kept !== undefined && performance.now() - kept.at < 120_000) return kept.value;
  const value = freshToken(persona, options);
  tokens.set(key, { value, at: performance.now() });
  return value;
}

async function freshToken(persona: string, options: readonly string[]): Promise<string> {
  const args = ['run', '--silent', 'token', '--', persona, ...options];
  const { stdout } = await run('npm', args, { cwd: clone, env: readersEnvironment() });
  assert.match(stdout, /^\S+\n$/, 'the token command prints a token and nothing else');
  return stdout.trim();
}

export interface Ask {
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly organisation?: string;
  /** Milliseconds. */
  readonly patience?: number;
}

/** Asks as a persona; `path` is below the FHIR base. */
export async function ask(persona: string, path: string, options: Ask = {}): Promise<Answer> {
  return askWith(await token(persona), path, options);
}

export async function askWith(
  bearer: string | undefined,
  path: string,
  options: Ask = {},
): Promise<Answer> {
  const response = await fetch(`${fhirBase(options.organisation)}/${path}`, {
    method: options.method ?? 'GET',
    headers: {
      accept: 'application/fhir+json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: options.body }),
    signal: AbortSignal.timeout(options.patience ?? 30_000),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export function put(
  persona: string,
  resource: { resourceType: string; id: string },
  options: Ask = {},
): Promise<Answer> {
  return ask(persona, `${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    body: JSON.stringify(resource),
    ...options,
  });
}

export async function search(persona: string, path: string): Promise<Bundle> {
  const answer = await ask(persona, path);
  assert.equal(answer.status, 200, `${persona} ${path}: ${answer.text}`);
  const bundle = JSON.parse(answer.text) as Bundle;
  assert.equal(bundle.resourceType, 'Bundle');
  return bundle;
}

/** Ids of the matches of a search, in the order of the answer. */
export async function ids(persona: string, path: string): Promise<readonly string[]> {
  const bundle = await search(persona, path);
  return matches(bundle).map((resource) => resource.id);
}

export function matches(
  bundle: Bundle,
): readonly ({ id: string; resourceType: string } & Record<string, unknown>)[] {
  return (bundle.entry ?? [])
    .filter((entry) => entry.search?.mode !== 'outcome')
    .map((entry) => entry.resource);
}

/** Asserts that an answer is a refusal with an OperationOutcome, and returns all it says in one string. */
export function outcomeOf(answer: Answer, status: number | readonly number[]): string {
  const wanted = typeof status === 'number' ? [status] : status;
  assert.ok(
    wanted.includes(answer.status),
    `status ${answer.status}, not ${wanted.join(' or ')}: ${answer.text}`,
  );
  assert.match(answer.headers.get('content-type') ?? '', /^application\/fhir\+json/);
  const outcome = JSON.parse(answer.text) as Outcome;
  assert.equal(outcome.resourceType, 'OperationOutcome');
  assert.ok(outcome.issue.length > 0);
  return outcome.issue
    .map((issue) =>
      [issue.severity, issue.code, issue.diagnostics, ...(issue.expression ?? [])].join(' '),
    )
    .join('\n');
}

/** Path to a file of this workspace's dependencies. */
export function packageFile(...path: string[]): string {
  return join(root, 'node_modules', ...path);
}
