import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import Fastify from 'fastify';
import { FHIR_JSON } from '../../src/http/reply.ts';
import { representReplies } from '../../src/http/represent.ts';
import { changesData } from '../../src/http/routes/changes.ts';
import { documentRoutes } from '../../src/http/routes/document.ts';
import type { Services } from '../../src/interactions/services.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { r4 } from '../support/r4.ts';
import { people, requestsOf, startApp, type TestApp } from '../support/app.ts';
import { aVersion } from '../support/store-samples.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const { send } = requestsOf(() => server);

const XML = 'application/fhir+xml; charset=utf-8';
const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** By place: JSON of a Basic that has this text there, and the element that is to be named. */
const PLACES: readonly (readonly [
  place: string,
  json: (text: string) => string,
  element: string,
])[] = [
  ['a string', (it) => `"code":{"text":"${it}"}`, 'Basic.code.text'],
  ['a code', (it) => `"code":{"coding":[{"code":"${it}"}]}`, 'Basic.code.coding[0].code'],
  ['a uri', (it) => `"code":{"coding":[{"system":"u:${it}"}]}`, 'Basic.code.coding[0].system'],
  ['an id', (it) => `"code":{"id":"${it}","text":"x"}`, 'Basic.code.id'],
  ['a language', (it) => `"language":"${it}","code":{"text":"x"}`, 'Basic.language'],
  [
    'a url of an extension',
    (it) => `"extension":[{"url":"u:${it}","valueCode":"a"}],"code":{"text":"x"}`,
    'Basic.extension[0].url',
  ],
  [
    'a markdown',
    (it) => `"extension":[{"url":"u:x","valueMarkdown":"a ${it}"}],"code":{"text":"x"}`,
    'Basic.extension[0].valueMarkdown',
  ],
  [
    'a text of a primitive extension',
    (it) => `"code":{"_text":{"extension":[{"url":"u:x","valueString":"${it}"}]}}`,
    'Basic.code.text.extension[0].valueString',
  ],
  [
    'a narrative',
    (it) =>
      `"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">${it}</div>"},"code":{"text":"x"}`,
    'Basic.text.div',
  ],
];
const basic = (inside: string): string => `{"resourceType":"Basic",${inside}}`;

describe('a character that XML 1.0 does not have', () => {
  for (const character of ['\ufffe', '\uffff', '\u0000', '\u0001', '\u000b', '\u001f']) {
    const name = escaped(character);
    it(`${name} is refused wherever it stands, raw and escaped, by the name of its element`, async () => {
      for (const [place, json, element] of PLACES) {
        // Below U+0020, JSON itself takes escapes only.
        for (const text of character < ' ' ? [name] : [name, character]) {
          const answer = await send('POST', 'Basic', basic(json(text)));
          assert.equal(answer.status, 422, `${place}: ${answer.text}`);
          assert.ok(answer.text.includes(element), `${place}: ${answer.text}`);
        }
      }
    });
  }

  it('leaves every other character alone: tab, line ends, private use, astral', async () => {
    for (const text of [
      '\\t',
      '\\r\\n',
      '\ufdd0',
      '\ufffd',
      '\u{1fffe}',
      '\\ud83d\\ude00',
      '\u007f',
    ]) {
      for (const [place, json] of PLACES.slice(0, 1)) {
        const answer = await send('POST', 'Basic', basic(json(`a${text}b`)));
        assert.equal(answer.status, 201, `${place} ${escaped(text)}: ${answer.text}`);
        const { id } = answer.json() as { id: string };
        const xml = await server.ask(people.ehr, 'GET', `Basic/${id}?_format=xml`);
        assert.match(xml.text, /^<\?xml [^]*<\/Basic>$/);
      }
    }
  });

  it('is refused in an entry, in a patch and in X-Provenance too', async () => {
    const resource = basic('"code":{"text":"\\ufffe"}');
    const entry = `{"resource":${resource},"request":{"method":"POST","url":"Basic"}}`;
    const bundle = `{"resourceType":"Bundle","type":"transaction","entry":[${entry}]}`;
    const whole = await send('POST', '', bundle);
    assert.equal(whole.status, 422, whole.text);
    assert.match(whole.text, /Basic\.code\.text/);
    await send('PUT', 'Basic/p', basic('"id":"p","code":{"text":"x"}'));
    const patch = '[{"op":"replace","path":"/code/text","value":"\\ufffe"}]';
    const patched = await send('PATCH', 'Basic/p', patch, {
      'content-type': 'application/json-patch+json',
    });
    assert.equal(patched.status, 422, patched.text);
    assert.match(patched.text, /Basic\.code\.text/);
    const agent = '[{"who":{"display":"\\ufffe"}}]';
    const provenance = `{"resourceType":"Provenance","recorded":"2024-01-01T00:00:00Z","agent":${agent}}`;
    const along = await send('POST', 'Basic', basic('"code":{"text":"x"}'), {
      'x-provenance': provenance,
    });
    assert.equal(along.status, 422, along.text);
    assert.match(along.text, /X-Provenance.*Provenance\.agent/);
  });
});

describe('what was stored before such characters were refused', () => {
  const code = { text: '\ufffe' };
  const identifier = [{ value: 'kept' }];
  const kept = { resourceType: 'Basic', id: 'o', identifier, code };
  let old: TestApp;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stored-'));
    const path = join(folder, 'store.sqlite');
    const store = await openSqliteStore(path, { randomBytes });
    const body = Buffer.from(JSON.stringify(kept));
    const index = r4.indexEntries(kept);
    await store.write({ versions: [aVersion({ id: 'o', type: 'Basic', body, index })] });
    await store.close();
    old = await startApp({ CHARTSEAL_STORE: `sqlite:${path}` });
  });
  afterAll(async () => {
    await old.close();
    rmSync(folder, { recursive: true });
  });
  const ask = (
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    more: { readonly body?: string; readonly headers?: Record<string, string> } = {},
  ) =>
    old.ask(people.ehr, method, path, {
      ...more,
      headers: { accept: 'application/fhir+xml', ...more.headers },
    });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const bundle = (type: string, ...entries: readonly object[]): string =>
    JSON.stringify({ resourceType: 'Bundle', type, entry: entries });
  const reading = { request: { method: 'GET', url: 'Basic/o' } };

  it('is read in JSON, and in XML told to be only there in JSON', async () => {
    const json = await ask('GET', 'Basic/o', { headers: { accept: 'application/fhir+json' } });
    assert.equal(json.text, JSON.stringify(kept));
    for (const act of [
      () => ask('GET', 'Basic/o'),
      () => ask('GET', 'Basic/o/_history/1'),
      () => ask('GET', 'Basic?_id=o'),
      () => ask('POST', 'Basic/_search', { body: '_id=o', headers: form }),
    ]) {
      const xml = await act();
      assert.equal(xml.status, 406, xml.text);
      assert.equal(xml.headers['content-type'], XML);
      assert.equal(xml.headers['etag'], undefined);
      assert.match(xml.text, /<OperationOutcome [^]*only in JSON[^]*<\/OperationOutcome>$/);
    }
  });

  it('does not make a change look as if it had failed', async () => {
    const made = {
      request: { method: 'PUT', url: 'Basic/new' },
      resource: { resourceType: 'Basic', id: 'new', code: { text: 'x' } },
    };
    const another = JSON.stringify(made.resource);
    for (const [act, status] of [
      [() => ask('POST', '', { body: bundle('batch', made, reading) }), 200],
      [() => ask('POST', '', { body: bundle('transaction', made, reading) }), 200],
      [() => ask('POST', 'Basic', { body: another, headers: { 'if-none-exist': '_id=o' } }), 200],
    ] as const) {
      const xml = await act();
      assert.equal(xml.status, status, xml.text);
      assert.equal(xml.headers['content-type'], XML);
      assert.match(xml.text, /<severity value="warning"\/>[^]*is done[^]*<\/OperationOutcome>$/);
    }
    assert.equal((await ask('GET', 'Basic/new')).status, 200);
  });
});

it('an error that repeats such characters comes in XML all the same', async () => {
  const app = Fastify();
  representReplies(app, { r4, clock: () => performance.now() });
  const outcome =
    '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"\\u0001\ufffe\\ud800 is not here"}]}';
  app.get('/', (_request, reply) => reply.code(404).type(FHIR_JSON).send(outcome));
  const xml = await app.inject({ url: '/', headers: { accept: 'application/fhir+xml' } });
  await app.close();
  assert.equal(xml.statusCode, 404, xml.body);
  assert.equal(xml.headers['content-type'], XML);
  assert.match(xml.body, /\ufffd{3} is not here[^]*<\/OperationOutcome>$/);
});

it('whether an operation has changed data is what its row says of this call, by GET and POST', () => {
  const body = Buffer.from(
    '{"resourceType":"Parameters","parameter":[{"name":"persist","valueBoolean":true}]}',
  );
  const rows = documentRoutes({ r4 } as Services);
  for (const row of rows) {
    const call = (url: string, sent?: Uint8Array) =>
      changesData(row, { method: row.method, url, params: {}, headers: {}, body: sent });
    assert.equal(call('/Composition/c/$document?persist=true'), true, row.method);
    assert.equal(call('/Composition/c/$document?persist=false'), false, row.method);
    assert.equal(call('/Composition/c/$document'), false, row.method);
    if (row.method === 'POST') assert.equal(call('/Composition/c/$document', body), true);
  }
  assert.equal(rows.length, 2);
});
