import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';

const XMLNS = 'xmlns="http://hl7.org/fhir"';
const XML = 'application/fhir+xml; charset=utf-8';
const JSON_TYPE = 'application/fhir+json; charset=utf-8';

const observation = (id: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><!-- sent by a laboratory --><Observation ${XMLNS}><id value="${id}"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">a &amp; b<br/>
 c</div></text><status value="final"/><code><text value="weight"/></code><subject><reference value="Patient/a"/></subject><valueQuantity><value value="70.00"/></valueQuantity></Observation>`;

describe('formats', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startApp();
    await server.ask(people.ehr, 'PUT', 'Patient/a', {
      body: '{"resourceType":"Patient","id":"a","active":true}',
    });
  });
  afterAll(() => server.close());

  const putXml = (id: string, headers: Record<string, string> = {}): Promise<Answer> =>
    server.ask(people.ehr, 'PUT', `Observation/${id}`, {
      body: observation(id),
      headers: { 'content-type': 'application/fhir+xml', ...headers },
    });

  it('a resource in XML is stored as JSON and comes back in either', async () => {
    const made = await putXml('o1', { accept: 'application/fhir+xml' });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers['content-type'], XML);
    const json = await server.ask(people.ehr, 'GET', 'Observation/o1');
    assert.equal(json.headers['content-type'], JSON_TYPE);
    assert.match(json.text, /"value":70\.00\}/);
    const xml = await server.ask(people.ehr, 'GET', 'Observation/o1', {
      headers: { accept: 'application/fhir+xml' },
    });
    assert.equal(xml.status, 200);
    assert.equal(xml.headers['content-type'], XML);
    assert.equal(xml.headers['etag'], 'W/"1"');
    assert.match(xml.text, /<value value="70\.00"\/>/);
    assert.match(
      xml.text,
      /<div xmlns="http:\/\/www.w3.org\/1999\/xhtml">a &amp; b<br\/>\n c<\/div>/,
    );
    const again = await server.ask(people.ehr, 'PUT', 'Observation/o1', {
      body: xml.text,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
    });
    assert.equal(again.status, 200, again.text);
    const content = (text: string): string => text.replace(/^.*?(?="text":)/, '');
    assert.equal(content(again.text), content(json.text));
  });

  it('searches, histories, errors and the CapabilityStatement come in XML too', async () => {
    await putXml('o2');
    for (const [path, root, status] of [
      ['Observation?_id=o2', 'Bundle', 200],
      ['Observation/o2/_history', 'Bundle', 200],
      ['Observation/o2/_history/1', 'Observation', 200],
      ['Observation/none', 'OperationOutcome', 404],
      ['Observation?colour=red', 'OperationOutcome', 400],
      ['metadata', 'CapabilityStatement', 200],
      ['nothing/at/all/here/or/there', 'OperationOutcome', 404],
    ] as const) {
      const answer = await server.ask(people.ehr, 'GET', path, {
        headers: { accept: 'application/fhir+xml' },
      });
      assert.equal(answer.status, status, `${path} ${answer.text}`);
      assert.equal(answer.headers['content-type'], XML, path);
      assert.match(answer.text, new RegExp(`^<\\?xml version="1.0" encoding="UTF-8"\\?><${root} `));
    }
    const unknown = await server.ask(undefined, 'GET', 'Observation/o2?_format=xml');
    assert.equal(unknown.status, 401);
    assert.match(unknown.text, /<OperationOutcome/);
  });

  it('a transaction and a FHIRPath Patch may be XML', async () => {
    const bundle = `<Bundle ${XMLNS}><type value="transaction"/><entry><resource>${observation('o3').replace(/^.*?-->/, '')}</resource><request><method value="PUT"/><url value="Observation/o3"/></request></entry></Bundle>`;
    const done = await server.ask(people.ehr, 'POST', '', {
      body: bundle,
      headers: { 'content-type': 'application/fhir+xml', accept: 'application/xml' },
    });
    assert.equal(done.status, 200, done.text);
    assert.match(done.text, /<status value="201 Created"\/>/);
    const patch = `<Parameters ${XMLNS}><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="Observation.status"/></part><part><name value="value"/><valueCode value="amended"/></part></parameter></Parameters>`;
    for (const type of ['application/fhir+xml', 'application/xml+fhir']) {
      const patched = await server.ask(people.ehr, 'PATCH', 'Observation/o3', {
        body: patch,
        headers: { 'content-type': type },
      });
      assert.equal(patched.status, 200, patched.text);
      assert.match(patched.text, /"status":"amended"/);
      assert.match(patched.text, /"value":70\.00\}/);
    }
  });

  const FORMATS: readonly (readonly [path: string, accept: string, type: string | undefined])[] = [
    ['', '', JSON_TYPE],
    ['', '*/*', JSON_TYPE],
    ['', 'application/json', JSON_TYPE],
    ['', 'application/fhir+json; fhirVersion=4.0', JSON_TYPE],
    ['', 'application/fhir+xml;fhirVersion=4.0', XML],
    ['', 'application/fhir+xml; fhirVersion=3.0', undefined],
    ['', 'text/xml', XML],
    ['', 'application/json+fhir', JSON_TYPE],
    ['', 'application/xml+fhir', XML],
    ['', 'application/xml+fhir;fhirVersion=3.0', undefined],
    ['', 'application/json+fhir;q=0.4, application/xml+fhir', XML],
    ['', 'application/xml;q=0.5, application/json;q=0.4', XML],
    ['', 'application/fhir+xml;q=0.5, application/fhir+json', JSON_TYPE],
    ['', 'application/fhir+xml;q=0, */*', JSON_TYPE],
    ['', 'application/fhir+xml;q=1.0, application/fhir+json;q=1.0', XML],
    ['', '*/*, application/fhir+xml', XML],
    ['', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', JSON_TYPE],
    ['', 'image/png, application/fhir+xml;q=0.1', XML],
    ['', 'image/png', undefined],
    ['', 'text/turtle', undefined],
    ['', ',;/', undefined],
    ['?_format=xml', 'application/json', XML],
    ['?_format=application/fhir+xml', '', XML],
    ['?_format=application%2Ffhir%2Bxml', '', XML],
    ['?_format=text/xml', '', XML],
    ['?_format=application/xml+fhir', '', XML],
    ['?_format=application/json%2Bfhir', 'application/fhir+xml', JSON_TYPE],
    ['?_format=json', 'application/fhir+xml', JSON_TYPE],
    ['?_format=ttl', '', undefined],
  ];
  for (const [query, accept, type] of FORMATS) {
    it(`Accept "${accept}" ${query} gives ${type ?? '406'}`, async () => {
      const answer = await server.ask(people.ehr, 'GET', `Patient/a${query}`, {
        headers: { accept },
      });
      assert.equal(answer.status, type === undefined ? 406 : 200, answer.text);
      const wanting = query.includes('_format=') ? 'http._format' : 'http.Accept';
      assert.equal(answer.text.includes(wanting), type === undefined, answer.text);
      assert.equal(answer.headers['content-type'], type ?? JSON_TYPE);
      assert.match(String(answer.headers['vary']), /\bAccept\b/i);
      if (type === undefined) assert.match(answer.text, /"resourceType":"OperationOutcome"/);
    });
  }

  it('a form may name the format', async () => {
    const answer = await server.ask(people.ehr, 'POST', 'Patient/_search', {
      body: '_id=a&_format=xml',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, /<total value="1"\/>|<entry>/);
  });

  it('_pretty breaks lines and keeps numbers, in both formats', async () => {
    await putXml('o4');
    const json = await server.ask(people.ehr, 'GET', 'Observation/o4?_pretty=true');
    assert.match(json.text, /^\{\n {2}"resourceType": "Observation",\n/);
    assert.match(json.text, /\n {4}"value": 70\.00\n/);
    const xml = await server.ask(people.ehr, 'GET', 'Observation/o4?_pretty=true&_format=xml');
    assert.match(
      xml.text,
      /\n {2}<valueQuantity>\n {4}<value value="70\.00"\/>\n {2}<\/valueQuantity>/,
    );
  });

  const BODIES: readonly (readonly [type: string | undefined, body: string, status: number])[] = [
    ['application/fhir+json', '{"resourceType":"Patient"}', 201],
    ['application/json; charset=UTF-8', '{"resourceType":"Patient"}', 201],
    ['application/fhir+json; fhirVersion=4.0', '{"resourceType":"Patient"}', 201],
    ['application/fhir+json; fhirVersion=5.0', '{"resourceType":"Patient"}', 415],
    ['application/fhir+json; charset=latin1', '{"resourceType":"Patient"}', 415],
    ['application/json+fhir', '{"resourceType":"Patient"}', 201],
    ['application/json+fhir', '\uFEFF{"resourceType":"Patient"}', 201],
    ['application/xml+fhir', `<Patient ${XMLNS}><active value="true"/></Patient>`, 201],
    ['application/xml+fhir', '{"resourceType":"Patient"}', 400],
    ['application/xml', `<Patient ${XMLNS}><active value="true"/></Patient>`, 201],
    ['application/fhir+xml', `<Patient ${XMLNS}><active/></Patient>`, 400],
    ['application/fhir+xml', `<Patient ${XMLNS}><gender value="x"/></Patient>`, 422],
    ['application/fhir+xml', '<!DOCTYPE Patient><Patient/>', 400],
    ['application/fhir+xml', '{"resourceType":"Patient"}', 400],
    ['application/fhir+xml', '', 400],
    ['application/xml-patch+xml', '<diff/>', 415],
    ['application/x-www-form-urlencoded', 'a=b', 415],
    ['text/html', '<p/>', 415],
    ['*/*', '{"resourceType":"Patient"}', 415],
  ];
  for (const [type, body, status] of BODIES) {
    it(`${type ?? 'nothing'} ${body.slice(0, 30)} is ${status}`, async () => {
      const answer = await server.ask(people.ehr, 'POST', 'Patient', {
        body,
        headers: { 'content-type': type ?? '' },
      });
      assert.equal(answer.status, status, answer.text);
      if (status >= 400) assert.match(answer.text, /OperationOutcome/);
    });
  }

  it('XML that is not UTF-8 is refused with its place', async () => {
    const answer = await server.ask(people.ehr, 'POST', 'Patient', {
      body: Buffer.concat([Buffer.from(`<Patient ${XMLNS}>\n`), Buffer.from([0xe9])]),
      headers: { 'content-type': 'application/fhir+xml' },
    });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, /UTF-8.*line 2/);
  });

  it('without a token no XML is read', async () => {
    const answer = await server.ask(undefined, 'POST', 'Patient', {
      body: '<broken',
      headers: { 'content-type': 'application/fhir+xml' },
    });
    assert.equal(answer.status, 401, answer.text);
  });
});
