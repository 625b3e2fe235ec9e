import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

function jsonPatch(
  path: string,
  operations: unknown,
  more: { readonly as?: Caller; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  return server.ask(more.as ?? people.ehr, 'PATCH', path, {
    body: typeof operations === 'string' ? operations : JSON.stringify(operations),
    headers: { ...JSON_PATCH, ...more.headers },
  });
}

const withoutStamp = (text: string): string => text.replace(/"meta":\{[^}]*\},?/, '');

async function put(id: string, rest = '"active":true'): Promise<void> {
  const body = `{"resourceType":"Patient","id":"${id}",${rest}}`;
  const answer = await server.ask(people.ehr, 'PUT', `Patient/${id}`, { body });
  assert.equal(answer.status, 201, answer.text);
}

const text = (id: string): Promise<Answer> => server.ask(people.ehr, 'GET', `Patient/${id}`);

describe('PATCH', () => {
  it('JSON Patch makes a version, indexes it, and leaves every other character', async () => {
    await put('j', '\n "extension" : [{"url":"http://x","valueDecimal": 1.00}],\t"active" : true ');
    const answer = await jsonPatch('Patient/j', '[{"op":"add","path":"/gender","value":"female"}]');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['etag'], 'W/"2"');
    const read = await text('j');
    assert.equal(read.text, answer.text);
    assert.equal(
      withoutStamp(read.text),
      '{"resourceType":"Patient","id":"j",\n "extension" : [{"url":"http://x","valueDecimal": 1.00}],\t"active" : true,\t"gender" : "female" }',
    );
    const found = await server.ask(people.ehr, 'GET', 'Patient?gender=female&_id=j');
    assert.equal((found.json() as { entry: unknown[] }).entry.length, 1);
    const old = await server.ask(people.ehr, 'GET', 'Patient/j/_history/1');
    assert.ok(!old.text.includes('gender'));
  });

  it('FHIRPath Patch keeps the lexeme of a decimal it inserts', async () => {
    await put('f');
    const part = (name: string, value: string) => `{"name":"${name}",${value}}`;
    const body = `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
      ${part('type', '"valueCode":"add"')},${part('path', '"valueString":"Patient"')},
      ${part('name', '"valueString":"extension"')},
      ${part('value', `"part":[${part('url', '"valueUri":"http://x"')},${part('value', '"valueDecimal":2.50')}]`)}]}]}`;
    const answer = await server.ask(people.ehr, 'PATCH', 'Patient/f', { body });
    assert.equal(answer.status, 200, answer.text);
    assert.match((await text('f')).text, /"valueDecimal":2\.50/);
  });

  it('a patch that changes nothing makes no version', async () => {
    await put('n');
    const answer = await jsonPatch('Patient/n', [{ op: 'test', path: '/active', value: true }]);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['etag'], 'W/"1"');
  });

  it('return=minimal returns no resource', async () => {
    await put('m');
    const operations = [{ op: 'replace', path: '/active', value: false }];
    const headers = { prefer: 'return=minimal' };
    const answer = await jsonPatch('Patient/m', operations, { headers });
    assert.deepEqual([answer.status, answer.text, answer.headers['etag']], [200, '', 'W/"2"']);
  });

  it('of 12 at once with one If-Match one wins; without it none is lost', async () => {
    await put('r', '"name":[{"given":["0"]}]');
    const add = (value: string, headers = {}) =>
      jsonPatch('Patient/r', [{ op: 'add', path: '/name/0/given/-', value }], { headers });
    const twelve = Array.from({ length: 12 }, (_, index) => String(index + 1));
    const raced = await Promise.all(twelve.map((value) => add(value, { 'if-match': 'W/"1"' })));
    assert.equal(raced.filter(({ status }) => status === 200).length, 1);
    assert.equal(raced.filter(({ status }) => status === 412).length, 11);
    const free = await Promise.all(['a', 'b', 'c', 'd'].map((value) => add(value)));
    assert.deepEqual(new Set(free.map(({ status }) => status)), new Set([200]));
    const { name } = (await text('r')).json() as { name: { given: string[] }[] };
    assert.equal(name[0]!.given.length, 6);
  });
});

describe('a patch that is refused changes nothing:', () => {
  const REFUSED: readonly (readonly [
    name: string,
    operations: unknown,
    status: number,
    names: RegExp,
    headers?: Record<string, string>,
  ])[] = [
    ['broken JSON', '[{"op":', 400, /./],
    ['no array', '{}', 400, /array/],
    ['smuggled members', '[],"x":1', 400, /array/],
    [
      'an unknown op',
      [
        { op: 'test', path: '', value: 1 },
        { op: 'x', path: '' },
      ],
      400,
      /Operation 1/,
    ],
    ['no pointer', [{ op: 'remove', path: 'active' }], 400, /Operation 0.*Pointer/],
    ['repeated members', '[{"op":"remove","op":"add","path":"/a"}]', 400, /Operation 0.*repeated/],
    ['a failing test', [{ op: 'test', path: '/active', value: false }], 422, /Operation 0/],
    ['no target', [{ op: 'remove', path: '/gender' }], 422, /Operation 0/],
    ['an invalid result', [{ op: 'add', path: '/gender', value: 'x' }], 422, /Patient\.gender/],
    ['another id', [{ op: 'replace', path: '/id', value: 'other' }], 422, /id/],
    [
      'another type',
      [{ op: 'replace', path: '/resourceType', value: 'Basic' }],
      422,
      /resourceType/,
    ],
    ['an old version', [], 412, /If-Match/, { 'if-match': 'W/"7"' }],
    ['another format', '<x/>', 415, /json-patch/, { 'content-type': 'application/xml-patch+xml' }],
    ['the whole resource', [{ op: 'remove', path: '' }], 422, /Operation 0/],
    [
      'Parameters without a type',
      '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"path","valueString":"Patient"}]}]}',
      400,
      /Operation 0/,
      { 'content-type': 'application/fhir+json' },
    ],
    [
      'another resource',
      '{"resourceType":"Patient"}',
      400,
      /Parameters/,
      { 'content-type': 'application/fhir+json' },
    ],
  ];
  beforeAll(() => put('x'));
  for (const [name, operations, status, names, headers] of REFUSED) {
    it(`${name}: ${status}`, async () => {
      const before = (await text('x')).text;
      const answer = await jsonPatch('Patient/x', operations, headers ? { headers } : {});
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json()['resourceType'], 'OperationOutcome');
      assert.match(answer.text, names);
      assert.equal((await text('x')).text, before);
    });
  }

  it('what is absent is 404, what is deleted 410', async () => {
    assert.equal((await jsonPatch('Patient/absent', [])).status, 404);
    await put('gone');
    await server.ask(people.ehr, 'DELETE', 'Patient/gone');
    assert.equal((await jsonPatch('Patient/gone', [])).status, 410);
  });

  it('copies that double a resource again and again are stopped', async () => {
    const doubled = Array.from({ length: 60 }, (_, index) => ({
      op: 'copy',
      from: '/extension',
      path: `/extension/${index}`,
    }));
    const answer = await jsonPatch('Patient/x', [
      { op: 'add', path: '/extension', value: ['x'.repeat(1000)] },
      ...doubled,
    ]);
    assert.equal(answer.status, 422, answer.text);
  });
});

describe('who may patch', () => {
  const change = [{ op: 'replace', path: '/active', value: false }];

  it('a stranger learns no more of a resource than of an absent one', async () => {
    await put('s');
    const real = await jsonPatch('Patient/s', change, { as: people.pharmacist });
    const absent = await jsonPatch('Patient/t', change, { as: people.pharmacist });
    assert.equal(real.status, 404, real.text);
    assert.equal(real.text.replaceAll('Patient/s', ''), absent.text.replaceAll('Patient/t', ''));
    assert.equal((await jsonPatch('Patient/s', change)).status, 200);
  });

  it('needs the scope u, and without r gets no resource back', async () => {
    await put('u');
    const scoped = (scope: string) => ({ as: { ...people.ehr, scope } });
    assert.equal((await jsonPatch('Patient/u', change, scoped('system/*.crds'))).status, 403);
    const blind = await jsonPatch('Patient/u', change, scoped('system/*.u'));
    assert.deepEqual([blind.status, blind.text], [200, ''], blind.text);
    const seeing = await jsonPatch('Patient/u', change, scoped('system/*.ru'));
    assert.match(seeing.text, /"active":false/);
  });

  it('what a patch returns is in the access log', async () => {
    await put('l');
    await jsonPatch('Patient/l', change);
    const log = await server.ask(people.ehr, 'GET', 'Patient/l/$access-log');
    assert.match(log.text, /patch/);
  });
});
