import assert from 'node:assert/strict';
import { BASE, people, startApp, type Answer, type TestApp } from './app.ts';

type Resource = Readonly<Record<string, unknown>>;

/** What a page of a search shows. */
export interface Found {
  /** Ids of the matches, in the order of the page. */
  readonly order: readonly string[];
  /** The same, sorted. */
  readonly ids: readonly string[];
  /** `Type/id` of what is included, sorted. */
  readonly included: readonly string[];
  readonly bundle: Resource;
  /** Resources of the entries. */
  readonly resources: readonly Resource[];
}

interface Entry {
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search: { readonly mode: string };
}

interface Parts {
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

export const FORM = 'application/x-www-form-urlencoded';

/** A server for cases that were reported of other servers, asked as the custodian's own system. */
export interface ReportWorld {
  readonly server: TestApp;
  readonly put: (type: string, id: string, content?: object) => Promise<Answer>;
  readonly ask: (
    method: Parameters<TestApp['ask']>[1],
    path: string,
    parts?: Parts,
  ) => Promise<Answer>;
  readonly read: (path: string) => Promise<Resource>;
  readonly find: (query: string) => Promise<Found>;
  readonly findByForm: (path: string, form: string) => Promise<Found>;
  /** A batch or transaction, which must succeed; answers with its entries. */
  readonly bundle: (type: string, entry: readonly object[]) => Promise<readonly BundleAnswer[]>;
}

export interface BundleAnswer {
  readonly resource?: Resource;
  readonly response: {
    readonly status: string;
    readonly location?: string;
    readonly etag?: string;
  };
}

export async function reportWorld(): Promise<ReportWorld> {
  const server = await startApp();
  const ask: ReportWorld['ask'] = (method, path, parts) =>
    server.ask(people.ehr, method, path, parts);
  return {
    server,
    ask,
    put: async (type, id, content = {}) => {
      const body = JSON.stringify({ resourceType: type, id, ...content });
      const answer = await ask('PUT', `${type}/${id}`, { body });
      assert.ok([200, 201].includes(answer.status), `${type}/${id}: ${answer.text}`);
      return answer;
    },
    read: async (path) => {
      const answer = await ask('GET', path);
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      return answer.json();
    },
    find: async (query) => foundIn(await ask('GET', query.replace(`${BASE}/`, ''))),
    findByForm: async (path, form) =>
      foundIn(await ask('POST', path, { body: form, headers: { 'content-type': FORM } })),
    bundle: async (type, entry) => {
      const body = JSON.stringify({ resourceType: 'Bundle', type, entry });
      const answer = await ask('POST', '', { body });
      assert.equal(answer.status, 200, answer.text);
      return answer.json()['entry'] as BundleAnswer[];
    },
  };
}

function foundIn(answer: Answer): Found {
  assert.equal(answer.status, 200, answer.text);
  const bundle = answer.json();
  const entries = (bundle['entry'] ?? []) as Entry[];
  const of = (mode: string) => entries.filter(({ search }) => search.mode === mode);
  const order = of('match').map(({ resource }) => resource.id);
  return {
    order,
    ids: [...order].sort(),
    included: of('include')
      .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
      .sort(),
    bundle,
    resources: entries.map(({ resource }) => resource as unknown as Resource),
  };
}

/** The URL of one of a Bundle's links. */
export function linkOf(bundle: Resource, relation: string): string {
  const links = bundle['link'] as { relation: string; url: string }[];
  const found = links.find((link) => link.relation === relation);
  assert.ok(found, `there is a link ${relation}`);
  return found.url;
}

/** `Type/id` out of the location that a Bundle's answer gives. */
export function placeOf(answer: BundleAnswer | undefined): string {
  const [, place] = /([A-Za-z]+\/[^/]+)\/_history/.exec(answer?.response.location ?? '') ?? [];
  assert.ok(place, JSON.stringify(answer));
  return place;
}
