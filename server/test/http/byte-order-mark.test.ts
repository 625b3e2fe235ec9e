import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Answer, type TestApp } from '../support/app.ts';

const MARK = '\uFEFF';
const BASIC = '{"resourceType":"Basic","code":{"text":"x"}}';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const { send } = requestsOf(() => server);

/** Without what the server puts in. */
const content = ({ text }: Answer): string =>
  text.replace(/"id":"[^"]*",/, '').replace(/"meta":\{[^}]*\},/, '');

describe('a byte order mark in front of JSON', () => {
  it('of a resource is no part of what is kept', async () => {
    const made = await send('POST', 'Basic', `${MARK}${BASIC}`);
    assert.equal(made.status, 201, made.text);
    assert.equal(content(made), BASIC);
    const put = await send('PUT', 'Basic/b', `${MARK}${BASIC.replace('{', '{"id":"b",')}`);
    assert.equal(put.status, 201, put.text);
    const read = await server.ask(people.ehr, 'GET', 'Basic/b');
    assert.equal(read.text, put.text);
    assert.ok(!read.text.includes(MARK));
    const xml = await server.ask(people.ehr, 'GET', 'Basic/b?_format=xml');
    assert.match(xml.text, /^<\?xml /);
  });

  it('stands in a text as any other character does', async () => {
    const text = BASIC.replace('"x"', `"${MARK}x"`);
    const made = await send('POST', 'Basic', text);
    assert.equal(made.status, 201, made.text);
    assert.equal(content(made), text);
  });

  it('of a batch and a transaction is passed over', async () => {
    for (const type of ['batch', 'transaction']) {
      const entry = `{"resource":${BASIC},"request":{"method":"POST","url":"Basic"}}`;
      const body = `${MARK}{"resourceType":"Bundle","type":"${type}","entry":[${entry}]}`;
      const answer = await send('POST', '', body);
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.text, /"201 Created"/);
    }
  });

  it('of a patch is passed over, also of one in a Bundle', async () => {
    await send('PUT', 'Basic/p', BASIC.replace('{', '{"id":"p",'));
    const operation = (text: string): string =>
      `${MARK}[{"op":"replace","path":"/code/text","value":"${text}"}]`;
    const json = await send('PATCH', 'Basic/p', operation('json'), {
      'content-type': 'application/json-patch+json',
    });
    assert.equal(json.status, 200, json.text);
    assert.match(json.text, /"text":"json"/);
    const part = (name: string, value: string): string => `{"name":"${name}",${value}}`;
    const parameters = `${MARK}{"resourceType":"Parameters","parameter":[{"name":"operation","part":[${[
      part('type', '"valueCode":"replace"'),
      part('path', '"valueString":"Basic.code.text"'),
      part('value', '"valueString":"fhirpath"'),
    ].join()}]}]}`;
    const fhirpath = await send('PATCH', 'Basic/p', parameters);
    assert.equal(fhirpath.status, 200, fhirpath.text);
    assert.match(fhirpath.text, /"text":"fhirpath"/);
    const data = Buffer.from(operation('bundle')).toString('base64');
    const resource = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
    const request = { method: 'PATCH', url: 'Basic/p' };
    const entry = [{ resource, request }];
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
    const entries = await send('POST', '', bundle);
    assert.equal(entries.status, 200, entries.text);
    const read = await server.ask(people.ehr, 'GET', 'Basic/p');
    assert.match(read.text, /"text":"bundle"/);
  });

  it('of X-Provenance, of Parameters and of a Binary resource is passed over', async () => {
    const agent = [{ who: { display: 'somebody' } }];
    const provenance = { resourceType: 'Provenance', recorded: '2024-01-01T00:00:00Z', agent };
    const header = Buffer.from(`${MARK}${JSON.stringify(provenance)}`).toString('latin1');
    const along = await send('POST', 'Basic', BASIC, { 'x-provenance': header });
    assert.equal(along.status, 201, along.text);
    const code = '{"name":"code","valueCode":"final"}';
    const system = '{"name":"system","valueUri":"http://hl7.org/fhir/observation-status"}';
    const called = await send(
      'POST',
      'CodeSystem/$lookup',
      `${MARK}{"resourceType":"Parameters","parameter":[${code},${system}]}`,
    );
    assert.equal(called.status, 200, called.text);
    const judged = await send('POST', 'Basic/$validate', `${MARK}${BASIC}`);
    assert.equal(judged.status, 200, judged.text);
    for (const type of ['application/fhir+json', 'application/json']) {
      const binary = `${MARK}{"resourceType":"Binary","contentType":"text/plain","data":"aGk="}`;
      const kept = await send('POST', 'Binary', binary, { 'content-type': type });
      assert.equal(kept.status, 201, kept.text);
      assert.match(kept.text, /"data":"aGk="/, type);
    }
  });
});
