import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../support/app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp({ CHARTSEAL_MAX_BODY: '4096' });
});
afterAll(() => server.close());

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly {
    readonly diagnostics: string;
    readonly expression?: readonly string[];
  }[];
}

const deep = `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(100)}[]${'}]'.repeat(100)}}`;
const good = '{"resourceType":"Patient","id":"ok","active":true}';

/** What is sent, the status it must get, and what the answer must name. */
const BODIES: readonly (readonly [
  name: string,
  body: string | Uint8Array,
  status: number,
  names: RegExp,
])[] = [
  ['broken JSON', '{"resourceType":"Patient",', 400, /./],
  ['no JSON at all', 'hello', 400, /./],
  ['an empty body', '', 400, /body/],
  ['a list', '[]', 400, /./],
  [
    'duplicate keys',
    '{"resourceType":"Patient","active":true,"active":false}',
    400,
    /Patient\.active/,
  ],
  [
    'duplicate keys in disguise',
    '{"resourceType":"Patient","active":true,"\\u0061ctive":false}',
    400,
    /Patient\.active/,
  ],
  ['depth 200', deep, 400, /64|deep|depth/i],
  [
    'invalid UTF-8',
    Buffer.concat([
      Buffer.from('{"resourceType":"Patient","id":"'),
      Buffer.of(0xff),
      Buffer.from('"}'),
    ]),
    400,
    /UTF-8/,
  ],
  ['a second byte order mark', `\uFEFF\uFEFF${good}`, 400, /byte order mark/],
  ['nothing but a byte order mark', '\uFEFF', 400, /empty/],
  [
    'an escaped member name, which V8 may take for another',
    '{"resourceType":"Patient","\\u0061ctive":true}',
    400,
    /Patient\.active.*escape|escape.*Patient\.active/,
  ],
  [
    'a lone surrogate',
    '{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
    400,
    /surrogate/i,
  ],
  ['another type than the URL', '{"resourceType":"Observation"}', 400, /resourceType/],
  ['no type', '{"id":"x"}', 400, /resourceType/],
  ['a wrong JSON type', '{"resourceType":"Patient","active":"yes"}', 422, /Patient\.active/],
  ['an unknown element', '{"resourceType":"Patient","colour":"red"}', 422, /Patient\.colour/],
  ['a wrong code', '{"resourceType":"Patient","gender":"blue"}', 422, /Patient\.gender/],
  [
    'a wrong date',
    '{"resourceType":"Patient","birthDate":"1970-13-01"}',
    422,
    /Patient\.birthDate/,
  ],
  [
    'a prototype in disguise',
    '{"resourceType":"Patient","__proto__":{"active":true}}',
    422,
    /__proto__/,
  ],
  ['a body over the limit', `{"resourceType":"Patient","id":"${'x'.repeat(5000)}"}`, 413, /larger/],
];

async function nothingStored(): Promise<void> {
  const all = await server.ask(people.ehr, 'GET', 'Patient?_total=accurate');
  assert.equal((all.json() as { total: number }).total, 0, all.text);
}

describe('a body that is not a valid resource', () => {
  for (const [name, body, status, names] of BODIES) {
    it(`${name}: ${status}, and nothing is stored`, async () => {
      const answer = await server.ask(people.ehr, 'POST', 'Patient', { body });
      assert.equal(answer.status, status, answer.text);
      const outcome = answer.json() as unknown as Outcome;
      assert.equal(outcome.resourceType, 'OperationOutcome');
      assert.match(JSON.stringify(outcome.issue), names);
      await nothingStored();
    });
  }

  it('a body of another media type is 415', async () => {
    const answer = await server.ask(people.ehr, 'POST', 'Patient', {
      body: 'a patient',
      headers: { 'content-type': 'text/turtle' },
    });
    assert.equal(answer.status, 415, answer.text);
    await nothingStored();
  });
});

describe('a request that cannot be meant', () => {
  const REQUESTS: readonly (readonly [
    method: 'GET' | 'DELETE',
    path: string,
    status: number,
    names: RegExp,
  ])[] = [
    ['GET', 'Elephant', 404, /Elephant/],
    ['GET', 'Elephant/1', 404, /Elephant/],
    ['GET', 'DomainResource', 404, /DomainResource/],
    ['GET', 'constructor/1', 404, /constructor/],
    ['GET', 'Patient/a%20b', 400, /Patient\.id/],
    ['GET', 'Patient/x/_history/0', 404, /version/],
    ['GET', 'Patient/x/_history/abc', 404, /version/],
    ['GET', 'Patient?colour=red', 400, /http\.colour/],
    ['GET', 'Patient?birthdate=yesterday', 400, /http\.birthdate/],
    ['GET', 'Patient?__proto__=1', 400, /__proto__/],
    ['GET', 'Patient?_count=-1', 400, /http\._count/],
    ['GET', 'Patient?name=%ff', 400, /UTF-8/],
    ['GET', 'Patient?_cursor=tampered', 400, /_cursor/],
    ['GET', 'Patient/x/_history?_at=soon', 400, /_at/],
    ['DELETE', 'Elephant/1', 404, /Elephant/],
  ];
  for (const [method, path, status, names] of REQUESTS) {
    it(`${method} ${path} is ${status}`, async () => {
      const answer = await server.ask(people.ehr, method, path);
      assert.equal(answer.status, status, answer.text);
      assert.equal((answer.json() as unknown as Outcome).resourceType, 'OperationOutcome');
      assert.match(answer.text, names);
    });
  }

  it('an unknown search parameter is ignored and named when the client prefers lenient handling', async () => {
    const answer = await server.ask(people.ehr, 'GET', 'Patient?colour=red', {
      headers: { prefer: 'handling=lenient' },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, /colour/);
    const { link } = answer.json() as { link: { relation: string; url: string }[] };
    assert.ok(!link.find(({ relation }) => relation === 'self')!.url.includes('colour'));
  });

  it('XML is not acceptable yet, and says so', async () => {
    const answer = await server.ask(people.ehr, 'GET', 'Patient', {
      headers: { accept: 'text/turtle' },
    });
    assert.equal(answer.status, 406, answer.text);
  });
});

describe('versions', () => {
  it('keep the bytes of the client, and If-Match has one winner', async () => {
    const text =
      '{ "resourceType":"Patient",\n "id":"v",  "extension":[{"url":"http://example.org/x","valueDecimal": 1.00}],\t"active" : true }';
    const created = await server.ask(people.ehr, 'PUT', 'Patient/v', { body: text });
    assert.equal(created.status, 201, created.text);
    assert.equal(created.headers['etag'], 'W/"1"');
    const read = await server.ask(people.ehr, 'GET', 'Patient/v');
    assert.equal(read.text, created.text);
    assert.equal(read.text.replace(/\s*"meta":\{[^}]*\},?/, ''), text);

    const wrong = await server.ask(people.ehr, 'PUT', 'Patient/v', {
      body: text,
      headers: { 'if-match': 'W/"7"' },
    });
    assert.equal(wrong.status, 412, wrong.text);
    assert.match(wrong.text, /If-Match/);
    const malformed = await server.ask(people.ehr, 'PUT', 'Patient/v', {
      body: text,
      headers: { 'if-match': '7' },
    });
    assert.equal(malformed.status, 400, malformed.text);

    const racers = await Promise.all(
      Array.from({ length: 20 }, () =>
        server.ask(people.ehr, 'PUT', 'Patient/v', {
          body: text,
          headers: { 'if-match': 'W/"1"' },
        }),
      ),
    );
    assert.deepEqual(racers.map(({ status }) => status).sort(), [
      200,
      ...Array.from({ length: 19 }, () => 412),
    ]);
    const history = (await server.ask(people.ehr, 'GET', 'Patient/v/_history')).json() as {
      total: number;
    };
    assert.equal(history.total, 2);
  });

  it('20 updates without If-Match all count, none is lost', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        server.ask(people.ehr, 'PUT', 'Patient/w', {
          body: `{"resourceType":"Patient","id":"w","multipleBirthInteger":${i + 1}}`,
        }),
      ),
    );
    const history = (await server.ask(people.ehr, 'GET', 'Patient/w/_history')).json() as {
      total: number;
      entry: { resource: { multipleBirthInteger: number } }[];
    };
    const statuses = history.entry.map(({ resource }) => resource.multipleBirthInteger);
    assert.equal(history.total, new Set(statuses).size);
    assert.ok(history.total >= 1);
  });

  it('that are deleted are gone, stay in history, and can come back', async () => {
    await server.ask(people.ehr, 'PUT', 'Patient/d', {
      body: '{"resourceType":"Patient","id":"d"}',
    });
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Patient/d')).status, 204);
    assert.equal((await server.ask(people.ehr, 'GET', 'Patient/d')).status, 410);
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Patient/d')).status, 204);
    assert.equal((await server.ask(people.ehr, 'GET', 'Patient/d/_history/1')).status, 200);
    const back = await server.ask(people.ehr, 'PUT', 'Patient/d', {
      body: '{"resourceType":"Patient","id":"d"}',
    });
    assert.equal(back.status, 201);
    assert.equal(back.headers['etag'], 'W/"3"');
  });
});
