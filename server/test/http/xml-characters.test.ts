import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Fastify, { type FastifyReply } from 'fastify';
import { FHIR_JSON } from '../../src/http/reply.ts';
import { representReplies } from '../../src/http/represent.ts';
import { r4 } from '../support/r4.ts';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';

let server: TestApp;
before(async () => {
  server = await startApp();
});
after(() => server.close());

const send = (
  method: 'POST' | 'PUT' | 'PATCH',
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> => server.ask(people.ehr, method, path, { body, headers });

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
  const STORED = '{"resourceType":"Basic","id":"o","code":{"text":"\ufffe"}}';
  const XML = 'application/fhir+xml; charset=utf-8';
  const app = Fastify();
  before(async () => {
    representReplies(app, { r4, clock: () => performance.now() });
    const say = (status: number, body: string) => async (_: unknown, reply: FastifyReply) =>
      reply.code(status).headers({ 'content-type': FHIR_JSON, etag: 'W/"1"' }).send(body);
    app.get('/stored', say(200, STORED));
    app.post('/_search', say(200, STORED));
    app.post('/', { config: { changes: true } }, say(200, STORED));
    app.get(
      '/error',
      say(
        404,
        '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"\\u0001\ufffe\\ud800 is not here"}]}',
      ),
    );
    await app.ready();
  });
  after(() => app.close());
  const ask = (method: 'GET' | 'POST', url: string, accept: string) =>
    app.inject({ method, url, headers: { accept } });

  it('is read in JSON, and in XML told to be only there in JSON', async () => {
    const json = await ask('GET', '/stored', 'application/fhir+json');
    assert.equal(json.body, STORED);
    for (const [method, url] of [
      ['GET', '/stored'],
      ['POST', '/_search'],
    ] as const) {
      const xml = await ask(method, url, 'application/fhir+xml');
      assert.equal(xml.statusCode, 406, xml.body);
      assert.equal(xml.headers['content-type'], XML);
      assert.equal(xml.headers['etag'], undefined);
      assert.match(xml.body, /<OperationOutcome [^]*only in JSON[^]*<\/OperationOutcome>$/);
    }
  });

  it('does not make a change look as if it had failed', async () => {
    const xml = await ask('POST', '/', 'application/fhir+xml');
    assert.equal(xml.statusCode, 200, xml.body);
    assert.equal(xml.headers['content-type'], XML);
    assert.match(xml.body, /<severity value="warning"\/>[^]*is done[^]*<\/OperationOutcome>$/);
  });

  it('an error that repeats such characters comes in XML all the same', async () => {
    const xml = await ask('GET', '/error', 'application/fhir+xml');
    assert.equal(xml.statusCode, 404, xml.body);
    assert.equal(xml.headers['content-type'], XML);
    assert.match(xml.body, /\ufffd{3} is not here[^]*<\/OperationOutcome>$/);
  });
});
