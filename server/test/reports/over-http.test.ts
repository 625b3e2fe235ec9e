import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people } from '../support/app.ts';
import { FORM, reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
  await world.put('Patient', 'h1');
});
afterAll(() => world.server.close());

const get = (path: string, headers: Record<string, string>) => world.ask('GET', path, { headers });
/** A request without a token; `url` is the whole path. */
const stranger = (
  method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST',
  url: string,
  headers: Record<string, string> = {},
  payload?: string,
) =>
  world.server.app.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });

describe('a media type', () => {
  // microsoft/fhir-server#4676, LinuxForHealth/FHIR#161
  it('is the same with a charset, quoted or not, and the better of two is given', async () => {
    for (const accept of [
      'application/fhir+xml;charset=UTF-8',
      'application/fhir+json;q=0.2, application/fhir+xml; charset="utf-8"; q=0.7',
    ]) {
      const answer = await get('Patient/h1', { accept });
      assert.equal(answer.status, 200, accept);
      assert.match(
        String(answer.headers['content-type']),
        /^application\/fhir\+xml; *charset=utf-8/i,
      );
      assert.ok(answer.text.includes('<Patient'));
    }
  });

  // microsoft/fhir-server#649, FirelyTeam/spark#323
  it('that is unknown is not acceptable when asked for, and not supported when sent', async () => {
    const asked = await world.ask('GET', 'Patient/h1?_format=application/x-own');
    assert.equal(asked.status, 406, asked.text);
    assert.ok(asked.text.includes('OperationOutcome'));
    assert.equal((await get('Patient/h1', { accept: 'application/x-own' })).status, 406);
    const headers = { 'content-type': 'application/x-own' };
    assert.equal((await world.ask('POST', 'Patient', { body: '{}', headers })).status, 415);
  });

  it('with a charset that JSON cannot have is refused, not read as something else', async () => {
    const headers = { 'content-type': 'application/fhir+json; charset=iso-8859-1' };
    const body = JSON.stringify({ resourceType: 'Organization', id: 'latin', name: 'ö' });
    const answer = await world.ask('PUT', 'Organization/latin', { body, headers });
    assert.equal(answer.status, 415, answer.text);
  });
});

describe('a read', () => {
  // hapifhir/hapi-fhir#2219, hapifhir/hapi-fhir#3696
  it('by HEAD is that of a resource, a search and the capabilities', async () => {
    const authorization = `Bearer ${await world.server.token(people.ehr)}`;
    const read = await stranger('HEAD', '/fhir/Patient/h1', { authorization });
    assert.deepEqual([read.statusCode, read.headers.etag, read.body], [200, 'W/"1"', '']);
    const search = await stranger('HEAD', '/fhir/Patient?_id=h1', { authorization });
    assert.deepEqual([search.statusCode, search.body], [200, '']);
    assert.equal((await stranger('HEAD', '/fhir/metadata')).statusCode, 200);
  });

  // LinuxForHealth/FHIR#160, fhirbase/fhirbase-plv8#129, hapifhir/hapi-fhir#1387, highmed/highmed-dsf#319
  it('is not sent again to one who has it, also out of a batch', async () => {
    for (const [name, value, status] of [
      ['if-none-match', 'W/"1"', 304],
      ['if-none-match', 'W/"8", W/"1"', 304],
      ['if-none-match', 'W/"8"', 200],
      ['if-modified-since', 'Tue, 01 Jan 2199 00:00:00 GMT', 304],
      ['if-modified-since', 'Mon, 01 Jan 2001 00:00:00 GMT', 200],
    ] as const) {
      assert.equal((await get('Patient/h1', { [name]: value })).status, status, value);
    }
    const url = 'Patient/h1';
    const answers = await world.bundle('batch', [
      { request: { method: 'GET', url, ifNoneMatch: 'W/"1"' } },
      { request: { method: 'GET', url, ifModifiedSince: '2001-01-01T00:00:00Z' } },
      { request: { method: 'HEAD', url } },
    ]);
    assert.deepEqual(
      answers.map(({ response }) => response.status.slice(0, 3)),
      ['304', '200', '200'],
    );
    assert.deepEqual(
      answers.map(({ resource }) => resource !== undefined),
      [false, true, false],
    );
  });
});

// LinuxForHealth/FHIR#171, hapifhir/hapi-fhir#3897, medplum/medplum#4396, zachrybaker/ra-data-rest-client#1
describe('a delete', () => {
  it('of what is not there succeeds, and makes nothing', async () => {
    assert.ok([200, 204].includes((await world.ask('DELETE', 'Patient/no-one')).status));
    assert.equal((await world.ask('GET', 'Patient/no-one')).status, 404);
  });

  it('with the content type of a body that it does not have succeeds', async () => {
    await world.put('Basic', 'gone', { code: { text: 'x' } });
    for (const headers of [
      { 'content-type': 'application/fhir+json' },
      { 'content-type': 'application/json', 'content-length': '0' },
    ]) {
      const answer = await world.ask('DELETE', 'Basic/gone', { headers });
      assert.ok([200, 204].includes(answer.status), answer.text);
    }
    const read = await get('Basic/gone', { 'content-type': 'application/fhir+json' });
    assert.equal(read.status, 410);
  });
});

describe('an app in a browser', () => {
  const origin = 'https://viewer.example.net';
  const discover = '/fhir/.well-known/smart-configuration';

  // smart-on-fhir/client-js#167, smart-on-fhir/smart-launcher#11, athenahealth/apiserver-athenaFlex#156
  it('finds out how to log in, whatever it accepts', async () => {
    const found = await stranger('GET', discover, { origin, accept: 'application/fhir+xml' });
    assert.equal(found.statusCode, 200);
    assert.match(String(found.headers['content-type']), /^application\/json/);
    assert.ok(found.headers['access-control-allow-origin']);
    const known = found.json<Record<string, unknown>>();
    for (const name of ['token_endpoint', 'authorization_endpoint']) {
      assert.match(String(known[name]), /^https?:\/\//, name);
    }
    assert.deepEqual(known['code_challenge_methods_supported'], ['S256']);

    const metadata = await stranger('GET', '/fhir/metadata', {
      origin,
      accept: 'application/json',
    });
    assert.equal(metadata.statusCode, 200);
    assert.ok(metadata.headers['access-control-allow-origin']);
    assert.equal(metadata.json<Record<string, unknown>>()['fhirVersion'], '4.0.1');
    const named = await stranger('GET', '/fhir/metadata?_format=json', { accept: 'text/html' });
    const { resourceType } = named.json<Record<string, unknown>>();
    assert.deepEqual([named.statusCode, resourceType], [200, 'CapabilityStatement']);
  });

  // smart-on-fhir/client-js#141, smart-on-fhir/client-js#83, inferno-framework/smart-app-launch-test-kit#75
  it('may ask for a token, and may read why it gets none', async () => {
    const known = (await stranger('GET', discover)).json<{ token_endpoint: string }>();
    const { pathname } = new URL(known.token_endpoint);
    const asks = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const preflight = await stranger('OPTIONS', pathname, asks);
    assert.ok([200, 204].includes(preflight.statusCode));
    assert.ok(preflight.headers['access-control-allow-origin']);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'no-such-code',
      redirect_uri: origin,
      client_id: 'viewer',
      code_verifier: 'v'.repeat(43),
    });
    const headers = { origin, 'content-type': FORM };
    const refused = await stranger('POST', pathname, headers, form.toString());
    assert.ok([400, 401].includes(refused.statusCode), refused.body);
    assert.ok(refused.headers['access-control-allow-origin']);
    assert.match(String(refused.headers['content-type']), /json/);
    assert.ok(refused.body.includes('"error"'));
  });
});
