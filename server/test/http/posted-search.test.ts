import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../support/app.ts';
import { entriesOf, patient } from '../support/clinical-samples.ts';

const FORM = 'application/x-www-form-urlencoded';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const [id, family] of [
    ['a', 'Ant'],
    ['b', 'Bee'],
  ] as const) {
    const body = JSON.stringify({ ...patient(id, family), gender: 'female' });
    assert.equal((await server.ask(people.ehr, 'PUT', `Patient/${id}`, { body })).status, 201);
  }
});
afterAll(() => server.close());

const post = (path: string, body: string, type: string) =>
  server.ask(people.ehr, 'POST', path, { body, headers: { 'content-type': type } });

describe('a search that is posted', () => {
  it('asks for what the form and the URL say together', async () => {
    const both = await post('Patient/_search?gender=female', 'family=bee', FORM);
    assert.deepEqual(
      entriesOf(both).map(({ resource }) => resource.id),
      ['b'],
    );
    const none = await post('Patient/_search?family=ant', 'family=bee', FORM);
    assert.deepEqual(entriesOf(none), []);
    const charset = await post('Patient/_search', 'family=bee', `${FORM}; charset=UTF-8`);
    assert.equal(entriesOf(charset).length, 1);
  });

  // What is not read must not be taken for a search of everything.
  for (const [type, body] of [
    ['application/fhir+json', '{}'],
    ['application/json', '{"resourceType":"Parameters"}'],
    ['application/fhir+xml', '<Parameters xmlns="http://hl7.org/fhir"/>'],
    ['text/plain', 'family=bee'],
    ['multipart/form-data', 'family=bee'],
    [`${FORM}; charset=iso-8859-1`, 'family=b%E9e'],
  ] as const) {
    it(`is refused as ${type}`, async () => {
      for (const path of [
        ...['Patient/_search', '_search', 'Patient/a/Observation/_search'],
        // The same paths, spelled in other ways.
        ...['Patient/%5Fsearch', '%5fsearch', 'Patient/_searc%68/', 'Patient/_search/?gender=male'],
      ]) {
        const answer = await post(path, body, type);
        assert.equal(answer.status, 415, `${path} ${answer.text}`);
        assert.match(answer.text, /http\.Content-Type/);
      }
    });
  }
});
