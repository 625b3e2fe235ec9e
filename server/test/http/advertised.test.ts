import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import { APPEND_ONLY } from '../../src/fhir/append-only.ts';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';
import { minimalResources } from '../support/minimal-resources.ts';
import { r4 } from '../support/r4.ts';

let app: TestApp;
let statement: CapabilityStatement;
beforeAll(async () => {
  app = await startApp();
  statement = JSON.parse((await app.app.inject('/fhir/metadata')).body) as CapabilityStatement;
});
afterAll(() => app.close());

type Method = Parameters<TestApp['ask']>[1];
interface More {
  readonly body?: object;
  readonly headers?: Record<string, string>;
  readonly as?: Caller;
}
async function ask(method: Method, path: string, more: More = {}): Promise<Answer> {
  const { body, headers, as = people.ehr } = more;
  return app.ask(as, method, path, {
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(headers === undefined ? {} : { headers }),
  });
}
async function gives(status: number, ...asked: Parameters<typeof ask>): Promise<Answer> {
  const answer = await ask(...asked);
  const { 0: method, 1: path } = asked;
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text.slice(0, 500)}`);
  return answer;
}

interface Kept {
  readonly type: string;
  readonly id: string;
  /** As it was sent. */
  readonly resource: object;
}
type Act = (kept: Kept) => Promise<unknown>;

const idsIn = (answer: Answer): unknown[] =>
  ((answer.json()['entry'] ?? []) as { resource?: { id?: string } }[]).map(
    ({ resource }) => resource?.id,
  );
async function finds(kept: Kept, path: string): Promise<void> {
  const answer = await gives(200, 'GET', path);
  assert.ok(idsIn(answer).includes(kept.id), `${path}: ${answer.text.slice(0, 500)}`);
}
const PATCH = { 'content-type': 'application/json-patch+json' };

/** In this order, on one resource of each type: what R4 says that the interaction does. */
const INTERACTIONS: ReadonlyMap<string, Act> = new Map<string, Act>([
  [
    'read',
    async ({ type, id }) => {
      const { text } = await gives(200, 'GET', `${type}/${id}?_format=json`);
      assert.ok(type === 'Binary' || text.includes(`"${id}"`), text);
    },
  ],
  ['vread', ({ type, id }) => gives(200, 'GET', `${type}/${id}/_history/1`)],
  ['search-type', (kept) => finds(kept, `${kept.type}?_id=${kept.id}`)],
  [
    'create',
    async ({ type, id, resource }) => {
      const headers = { 'if-none-exist': `_id=${id}` };
      await gives(200, 'POST', type, { body: resource, headers });
    },
  ],
  [
    'update',
    async ({ type, id, resource }) => {
      const body = { ...resource, id, language: 'en' };
      // A record is updated under an id that never was, if at all.
      if (!APPEND_ONLY.has(type)) {
        const { text } = await gives(200, 'PUT', `${type}/${id}`, { body });
        assert.match(text, /"versionId":"2"/);
        const again = await gives(200, 'PUT', `${type}?_id=${id}`, {
          body: { ...body, language: 'fr' },
        });
        assert.match(again.text, /"versionId":"3"/);
      }
      const created = await gives(201, 'PUT', `${type}/${id}-2`, {
        body: { ...body, id: `${id}-2` },
      });
      assert.match(created.text, /"versionId":"1"/);
    },
  ],
  [
    'patch',
    async ({ type, id }) => {
      const change = [{ op: 'replace', path: '/language', value: 'de' }];
      const { text } = await gives(200, 'PATCH', `${type}/${id}`, { body: change, headers: PATCH });
      assert.match(text, /"language":"de"/);
    },
  ],
  ['history-instance', (kept) => finds(kept, `${kept.type}/${kept.id}/_history`)],
  ['history-type', (kept) => finds(kept, `${kept.type}/_history`)],
  [
    'delete',
    async ({ type, id }) => {
      await gives(204, 'DELETE', `${type}/${id}`);
      await gives(410, 'GET', `${type}/${id}`);
      await gives(204, 'DELETE', `${type}?_id=${id}-2`);
      await gives(410, 'GET', `${type}/${id}-2`);
    },
  ],
]);

const given = (name: string, value: object) => ({ name, ...value });
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const tag = parameters(given('meta', { valueMeta: { tag: [{ code: 'x' }] } }));
const url = (path: string) => `http://hl7.org/fhir/${path}`;

/** Operations of every type, on the same resource, and those of single types with an example of their own. */
const OPERATIONS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['evidence', ({ type, id }) => gives(200, 'GET', `${type}/${id}/_history/1/$evidence`)],
  [
    'meta',
    async ({ type, id }) => {
      for (const at of [type, `${type}/${id}`, `${type}/${id}/_history/1`]) {
        await gives(200, 'GET', `${at}/$meta`);
        await gives(200, 'POST', `${at}/$meta`, { body: { resourceType: 'Parameters' } });
      }
    },
  ],
  ['meta-add', ({ type, id }) => gives(200, 'POST', `${type}/${id}/$meta-add`, { body: tag })],
  [
    'meta-delete',
    ({ type, id }) => gives(200, 'POST', `${type}/${id}/$meta-delete`, { body: tag }),
  ],
  [
    'validate',
    async ({ type, id, resource }) => {
      await gives(200, 'GET', `${type}/${id}/$validate`);
      const { text } = await gives(200, 'POST', `${type}/$validate`, { body: resource });
      assert.match(text, /"resourceType":"OperationOutcome"/, type);
    },
  ],
  ['explain', ({ type }) => gives(200, 'GET', `${type}/$explain?_id=x`, { as: ADMIN })],
  ['access-log', ({ id }) => gives(200, 'GET', `Patient/${id}/$access-log`)],
  [
    'everything',
    async ({ type, id }) => {
      await gives(200, 'GET', `${type}/${id}/$everything`);
      if (type === 'Patient') await gives(200, 'GET', 'Patient/$everything');
    },
  ],
  [
    'document',
    async () => {
      const letter = {
        resourceType: 'Composition',
        id: 'letter',
        status: 'final',
        type: { text: 'letter' },
        date: '2026-01-01',
        author: [{ reference: 'Practitioner/author' }],
        title: 'Letter',
      };
      const author = { resourceType: 'Practitioner', id: 'author' };
      await gives(201, 'PUT', 'Practitioner/author', { body: author });
      await gives(201, 'PUT', 'Composition/letter', { body: letter });
      const found = await gives(200, 'GET', 'Composition/letter/$document');
      assert.equal(found.json()['type'], 'document');
      assert.deepEqual(idsIn(found), ['letter', 'author']);
    },
  ],
  ['expand', () => gives(200, 'GET', `ValueSet/$expand?url=${url('ValueSet/observation-status')}`)],
  [
    'validate-code',
    async ({ type }) => {
      const of =
        type === 'ValueSet' ? url('ValueSet/observation-status') : url('observation-status');
      const system = type === 'ValueSet' ? `&system=${url('observation-status')}` : '';
      const { text } = await gives(
        200,
        'GET',
        `${type}/$validate-code?url=${of}&code=final${system}`,
      );
      assert.match(text, /"name":"result","valueBoolean":true/);
    },
  ],
  [
    'lookup',
    () => gives(200, 'GET', `CodeSystem/$lookup?system=${url('observation-status')}&code=final`),
  ],
  [
    'subsumes',
    () =>
      gives(
        200,
        'GET',
        `CodeSystem/$subsumes?system=${url('observation-status')}&codeA=final&codeB=final`,
      ),
  ],
  [
    'translate',
    async () => {
      const target = [{ code: 'y', equivalence: 'equal' }];
      const group = [{ source: 'urn:x', target: 'urn:y', element: [{ code: 'x', target }] }];
      const map = { resourceType: 'ConceptMap', id: 'map', status: 'active', group };
      await gives(201, 'PUT', 'ConceptMap/map', { body: map });
      const { text } = await gives(200, 'GET', 'ConceptMap/map/$translate?code=x&system=urn:x');
      assert.match(text, /"name":"result","valueBoolean":true/);
      assert.match(text, /"system":"urn:y","code":"y"/);
    },
  ],
]);
const ADMIN: Caller = { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' };

/** Of the whole server. */
const SYSTEM: ReadonlyMap<string, () => Promise<unknown>> = new Map<string, () => Promise<unknown>>(
  [
    ...['batch', 'transaction'].map((type): [string, () => Promise<unknown>] => [
      type,
      async () => {
        const entry = [
          {
            request: { method: 'POST', url: 'Basic' },
            resource: { resourceType: 'Basic', code: { text: type } },
          },
        ];
        const { text } = await gives(200, 'POST', '', {
          body: { resourceType: 'Bundle', type, entry },
        });
        assert.match(text, /"201 Created"/);
      },
    ]),
    ['search-system', () => gives(200, 'GET', '?_type=Basic')],
    ['history-system', () => gives(200, 'GET', '_history')],
    ['$meta', () => gives(200, 'GET', '$meta')],
    ['$unassigned', () => gives(200, 'GET', '$unassigned', { as: ADMIN })],
    ['$reindex-status', () => gives(200, 'GET', '$reindex-status', { as: ADMIN })],
    [
      '$async',
      async () => {
        const { headers } = await gives(202, 'GET', 'Basic/_history', {
          headers: { prefer: 'respond-async' },
        });
        const at = new URL(String(headers['content-location'])).pathname.replace('/fhir/', '');
        const { status, text } = await ask('GET', at);
        assert.ok(status === 200 || status === 202, text);
      },
    ],
  ],
);

describe('everything that /metadata advertises', () => {
  it('of a type does what R4 says, on a resource of that type', async () => {
    const examples = minimalResources(r4.resourceTypes);
    const work = async (entry: NonNullable<ReturnType<typeof entries>>[number]) => {
      const { type, interaction = [], operation = [] } = entry;
      const resource = examples.get(type) ?? {};
      const { id } = (await gives(201, 'POST', type, { body: resource })).json() as { id: string };
      const kept = { type, id, resource };
      for (const { name } of operation) {
        const act = OPERATIONS.get(name);
        assert.ok(act, `no example of $${name} of ${type}`);
        if (!name.startsWith('meta-')) await act(kept);
      }
      const codes = new Set<string>(interaction.map(({ code }) => code));
      for (const [code, act] of INTERACTIONS) {
        // Between them, so that the versions are those that the interactions make.
        if (code === 'delete') {
          for (const { name } of operation)
            if (name.startsWith('meta-')) await OPERATIONS.get(name)?.(kept);
        }
        if (codes.delete(code)) await act(kept);
      }
      assert.deepEqual([...codes], [], type);
    };
    const queue = [...entries()];
    assert.equal(queue.length, 146);
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let entry = queue.pop(); entry; entry = queue.pop()) await work(entry);
      }),
    );
  });

  it('of the server is answered', async () => {
    const { interaction = [], operation = [] } = statement.rest?.[0] ?? {};
    const all = [
      ...interaction.map(({ code }) => code),
      ...operation.map(({ name }) => `$${name}`),
    ];
    assert.ok(all.length >= 6);
    for (const name of all) {
      const act = SYSTEM.get(name);
      assert.ok(act, `no example of ${name}`);
      await act();
    }
  });

  it('stands in OpenAPI with a path and method that are there', async () => {
    const { paths } = JSON.parse((await app.app.inject('/openapi.json')).body) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const values = { type: 'Patient', id: 'none', vid: '1', inside: 'Observation' };
    for (const [path, methods] of Object.entries(paths)) {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof values) => values[name]);
      for (const method of Object.keys(methods)) {
        const { status, text } = await ask(method.toUpperCase() as Method, filled.slice(1), {
          ...(method === 'get' || method === 'delete' ? {} : { body: {} }),
        });
        const said = `${method} ${path}: ${text.slice(0, 300)}`;
        assert.ok(![405, 500, 501].includes(status) && !text.includes('There is nothing'), said);
      }
    }
  });
});

const entries = () => statement.rest?.[0]?.resource ?? [];
