import assert from 'node:assert/strict';
import { people, type Answer, type Caller, type TestApp } from './app.ts';

export interface Response {
  readonly type: string;
  readonly entry?: readonly {
    readonly resource?: Record<string, unknown>;
    readonly response: {
      readonly status: string;
      readonly location?: string;
      readonly etag?: string;
      readonly lastModified?: string;
      readonly outcome?: { readonly issue: readonly { readonly diagnostics: string }[] };
    };
  }[];
}
export const entry = (
  method: string,
  url: string,
  resource?: object | string,
  more: object = {},
) => {
  const { fullUrl, ...request } = more as Record<string, string>;
  const text = typeof resource === 'string' ? resource : resource && JSON.stringify(resource);
  return `{${fullUrl === undefined ? '' : `"fullUrl":"${fullUrl}",`}${
    text === undefined ? '' : `"resource":${text},`
  }"request":${JSON.stringify({ method, url, ...request })}}`;
};
export const responses = (answer: Answer) => {
  assert.equal(answer.status, 200, answer.text);
  return (answer.json() as unknown as Response).entry ?? [];
};
export const statuses = (answer: Answer) =>
  responses(answer).map(({ response }) => response.status.slice(0, 3));
export const pathOf = (answer: Answer, index: number): string =>
  (responses(answer)[index]?.response.location ?? '').split('/_history')[0] ?? '';
export const SYSTEM = 'urn:example:t';
export const identified = (value: string) => [{ system: SYSTEM, value }];
export const patient = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  identifier: identified(value),
  ...more,
});
export const observation = (subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
  ...more,
});
export const uuid = (n: number): string =>
  `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** How a test talks to one server about Bundles. */
export function bundlesOf(server: () => TestApp) {
  const get = (path: string, caller: Caller = people.ehr) => server().ask(caller, 'GET', path);
  const post = (
    type: string,
    entries: readonly string[],
    caller: Caller = people.ehr,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    server().ask(caller, 'POST', '', {
      body: `{"resourceType":"Bundle","type":"${type}","entry":[${entries.join(',\n')}]}`,
      headers,
    });
  return {
    get,
    post,
    transact: (entries: readonly string[], caller?: Caller, headers?: Record<string, string>) =>
      post('transaction', entries, caller, headers),
    /** How many a search that fits one page finds. */
    total: async (search: string): Promise<number> =>
      ((await get(search)).json() as unknown as Response).entry?.length ?? 0,
  };
}
