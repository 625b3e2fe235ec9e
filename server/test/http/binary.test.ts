import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0x0d, 0x0a]);
const FHIR = 'application/fhir+json';
const XMLNS = 'xmlns="http://hl7.org/fhir"';

describe('Binary', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startApp();
    for (const id of ['a', 'b']) {
      await server.ask(people.ehr, 'PUT', `Patient/${id}`, {
        body: JSON.stringify({ resourceType: 'Patient', id }),
      });
    }
  });
  afterAll(() => server.close());

  const send = async (
    method: 'GET' | 'HEAD' | 'POST' | 'PUT',
    path: string,
    more: { readonly headers?: Record<string, string>; readonly payload?: string | Buffer } = {},
    caller: Caller = people.ehr,
  ): Promise<LightMyRequestResponse> =>
    server.app.inject({
      method,
      url: `/fhir/${path}`,
      ...more,
      headers: { authorization: `Bearer ${await server.token(caller)}`, ...more.headers },
    });
  const get = (path: string, accept?: string, caller?: Caller): Promise<LightMyRequestResponse> =>
    send('GET', path, accept === undefined ? {} : { headers: { accept } }, caller);
  const upload = (
    id: string,
    payload: string | Buffer,
    headers: Record<string, string>,
  ): Promise<LightMyRequestResponse> => send('PUT', `Binary/${id}`, { payload, headers });

  it('content goes up and comes down as it is, and is a resource all the same', async () => {
    const made = await send('POST', 'Binary', {
      payload: PNG,
      headers: { 'content-type': 'image/png', accept: FHIR },
    });
    assert.equal(made.statusCode, 201, made.body);
    const { id, contentType, data } = made.json<Record<string, string>>();
    assert.equal(contentType, 'image/png');
    assert.deepEqual(Buffer.from(data ?? '', 'base64'), PNG);
    for (const path of [`Binary/${id}`, `Binary/${id}/_history/1`]) {
      for (const accept of [
        undefined,
        '*/*',
        'image/png',
        'image/*',
        'image/png, application/fhir+json;q=0.5',
      ]) {
        const answer = await get(path, accept);
        assert.equal(answer.statusCode, 200, answer.body);
        assert.equal(answer.headers['content-type'], 'image/png', String(accept));
        assert.equal(answer.headers['etag'], 'W/"1"');
        assert.match(String(answer.headers['content-security-policy']), /sandbox/);
        assert.deepEqual(answer.rawPayload, PNG);
      }
      assert.equal((await get(path, FHIR)).json<{ resourceType: string }>().resourceType, 'Binary');
      assert.match(
        (await get(path, 'application/fhir+xml')).body,
        /<data value="iVBORwD\/DQo="\/>/,
      );
      assert.match((await get(`${path}?_format=json`, 'image/png')).body, /"data":/);
      assert.match((await get(`${path}?%5Fformat=json`, 'image/png')).body, /"data":/);
    }
    assert.equal((await get(`Binary/${id}`, 'text/plain')).statusCode, 406);
    const head = await send('HEAD', `Binary/${id}`);
    assert.equal(head.headers['content-length'], String(PNG.length));
    const same = await send('GET', `Binary/${id}`, { headers: { 'if-none-match': 'W/"1"' } });
    assert.equal(same.statusCode, 304);
  });

  it('a Binary in a format of FHIR is taken as the resource', async () => {
    const json = '{"resourceType":"Binary","id":"r1","contentType":"text/plain","data":"aGk="}';
    const xml = `<?xml version="1.0"?><Binary ${XMLNS}><id value="r1"/><contentType value="text/plain"/><data value="aGk="/></Binary>`;
    for (const [type, payload] of [
      [FHIR, json],
      ['application/json', json],
      ['application/fhir+xml', xml],
      ['text/xml', xml],
    ] as const) {
      const made = await upload('r1', payload, { 'content-type': type });
      assert.ok(made.statusCode < 300, made.body);
      const content = await get('Binary/r1');
      assert.equal(content.body, 'hi', type);
      assert.equal(content.headers['content-type'], 'text/plain');
    }
  });

  it('other documents are content, whatever their format', async () => {
    for (const [type, payload] of [
      ['application/json', '{"a":1.0}'],
      [FHIR, '{"resourceType":"Patient"}'],
      ['application/fhir+xml', `<Patient ${XMLNS}/>`],
      ['text/xml; charset=utf-8', '<ClinicalDocument xmlns="urn:hl7-org:v3"/>'],
      ['application/x-www-form-urlencoded', 'a=b'],
    ] as const) {
      const made = await upload('r2', payload, { 'content-type': type });
      assert.ok(made.statusCode < 300, `${type} ${made.body}`);
      const content = await get('Binary/r2');
      assert.equal(content.body, payload);
      assert.equal(content.headers['content-type'], type);
    }
  });

  it('what is broken or has no type is refused', async () => {
    for (const [type, payload, status] of [
      [FHIR, '{"resourceType":"Binary"', 400],
      ['application/fhir+xml', `<Binary ${XMLNS}>`, 400],
      ['', 'x', 415],
      ['*/*', 'x', 415],
    ] as const) {
      const made = await upload('r3', payload, { 'content-type': type });
      assert.equal(made.statusCode, status, `${type} ${made.body}`);
    }
    const large = await upload('r3', Buffer.alloc(17 * 1024 * 1024), { 'content-type': 'a/b' });
    assert.equal(large.statusCode, 413);
    assert.equal((await get('Binary/r3')).statusCode, 404);
  });

  it('a content type that is none is served as bytes that nobody interprets', async () => {
    const made = await upload(
      'r4',
      '{"resourceType":"Binary","id":"r4","contentType":"nonsense","data":"PHNjcmlwdD4="}',
      { 'content-type': FHIR },
    );
    // Whether such a type is valid R4 or not, it never becomes a header.
    if (made.statusCode >= 400) assert.equal(made.statusCode, 422);
    else assert.equal((await get('Binary/r4')).headers['content-type'], 'application/octet-stream');
  });

  describe('its security context', () => {
    beforeAll(async () => {
      for (const [id, security] of [
        ['open', []],
        [
          'secret',
          [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
        ],
      ] as const) {
        const made = await server.ask(people.ehr, 'PUT', `DocumentReference/${id}`, {
          body: JSON.stringify({
            resourceType: 'DocumentReference',
            id,
            ...(security.length === 0 ? {} : { meta: { security } }),
            status: 'current',
            subject: { reference: 'Patient/a' },
            content: [{ attachment: { url: `Binary/${id}` } }],
          }),
        });
        assert.equal(made.status, 201, made.text);
        const binary = await upload(id, PNG, {
          'content-type': 'image/png',
          'x-security-context': `DocumentReference/${id}`,
        });
        assert.equal(binary.statusCode, 201, binary.body);
      }
    });

    it('lets in whom the context lets in, and nobody else', async () => {
      assert.equal((await get('Binary/open', '*/*', people.doctor)).statusCode, 200);
      assert.equal((await get('Binary/open', '*/*', people.patientA)).statusCode, 200);
      for (const path of ['Binary/open', 'Binary/open/_history/1', 'Binary/open?_format=json']) {
        assert.equal((await get(path, '*/*', people.patientB)).statusCode, 404, path);
        assert.equal((await get(path, '*/*', people.pharmacist)).statusCode, 404, path);
      }
      const search = await get('Binary?_id=open', FHIR, people.patientB);
      assert.doesNotMatch(search.body, /iVBOR/);
      assert.match((await get('Binary?_id=open', FHIR, people.patientA)).body, /iVBOR/);
    });

    it('counts with its labels', async () => {
      const document = await get('DocumentReference/secret', FHIR, people.doctor);
      assert.notEqual(document.statusCode, 200);
      const binary = await get('Binary/secret', '*/*', people.doctor);
      assert.equal(binary.statusCode, document.statusCode, binary.body);
      assert.equal((await get('Binary/open', '*/*', people.doctor)).statusCode, 200);
      assert.doesNotMatch((await get('Binary?_id=secret', FHIR, people.doctor)).body, /iVBOR/);
    });

    it('may be written in the same transaction', async () => {
      const uuid = 'urn:uuid:6f1f1e6e-0d3d-4f26-8a0b-7b7c55a0a001';
      const bundle = {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            resource: {
              resourceType: 'Binary',
              id: 'scan',
              contentType: 'image/png',
              securityContext: { reference: uuid },
              data: PNG.toString('base64'),
            },
            request: { method: 'PUT', url: 'Binary/scan' },
          },
          {
            fullUrl: uuid,
            resource: {
              resourceType: 'DocumentReference',
              status: 'current',
              subject: { reference: 'Patient/a' },
              content: [{ attachment: { url: 'Binary/scan' } }],
            },
            request: { method: 'POST', url: 'DocumentReference' },
          },
        ],
      };
      const done = await server.ask(people.ehr, 'POST', '', { body: JSON.stringify(bundle) });
      assert.equal(done.status, 200, done.text);
      assert.equal((await get('Binary/scan', '*/*', people.patientA)).statusCode, 200);
      assert.equal((await get('Binary/scan', '*/*', people.patientB)).statusCode, 404);
    });

    it('need not be there, and then closes it', async () => {
      for (const context of ['DocumentReference/none', 'http://elsewhere.test/Patient/a']) {
        const made = await upload('r5', PNG, {
          'content-type': 'image/png',
          'x-security-context': context,
        });
        assert.ok([200, 201].includes(made.statusCode), made.body);
        assert.equal((await get('Binary/r5', '*/*', people.ehr)).statusCode, 200, context);
        for (const caller of [people.doctor, people.patientA, people.pharmacist]) {
          assert.ok([403, 404].includes((await get('Binary/r5', '*/*', caller)).statusCode));
        }
      }
      const inside = { 'content-type': 'image/png', 'x-security-context': '#x' };
      assert.equal((await upload('r6', PNG, inside)).statusCode, 422);
    });
  });
});
