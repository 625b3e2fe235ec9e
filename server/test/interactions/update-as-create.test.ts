import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { actor, consent, observation, patient, putsTo } from '../support/clinical-samples.ts';
import { OUTSIDERS } from '../support/outsiders.ts';

let server: TestApp;
const { ask } = requestsOf(() => server);
const put = putsTo(() => server);
const laboratory = OUTSIDERS['laboratory'] as Caller;
const action = (...codes: readonly string[]) =>
  codes.map((code) => ({
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }],
  }));

beforeAll(async () => {
  server = await startApp();
  await put(patient('collects', 'A'), patient('corrects', 'B'), patient('denies', 'C'));
  const lab = { type: 'permit', actor: actor('Organization/lab') };
  await put(
    observation('there', 'corrects', '1-1'),
    consent('c1', 'collects', { ...lab, action: action('access', 'collect') }),
    consent('c2', 'corrects', { ...lab, action: action('access', 'correct') }),
    consent('c3', 'denies', {
      type: 'deny',
      actor: actor('Practitioner/doctor'),
      action: action('collect'),
    }),
  );
});
afterAll(() => server.close());

const identified = (id: string, of: string) => ({
  ...observation(id, of, '1-1'),
  identifier: [{ system: 'urn:example:b', value: id }],
});

/** Both ways to update what never was. */
const UPDATES = {
  'by id': (caller: Caller, id: string, of: string) =>
    ask(caller, 'PUT', `Observation/${id}`, identified(id, of)),
  'by criteria': (caller: Caller, id: string, of: string) =>
    ask(caller, 'PUT', `Observation?identifier=urn:example:b|${id}`, identified(id, of)),
};

describe('an update of what never was', () => {
  for (const [name, update] of Object.entries(UPDATES)) {
    const id = name.replace(' ', '-');

    it(`collects, and is permitted where that is: ${name}`, async () => {
      const made = await update(laboratory, id, 'collects');
      assert.equal(made.status, 201, made.text);
      const changed = await update(laboratory, id, 'collects');
      assert.equal(changed.status, 404, 'control: what is there now is corrected');
    });

    it(`is refused to who may correct alone: ${name}`, async () => {
      const made = await update(laboratory, `${id}-2`, 'corrects');
      assert.equal(made.status, 404, made.text);
      const changed = await ask(
        laboratory,
        'PUT',
        'Observation/there',
        identified('there', 'corrects'),
      );
      assert.equal(changed.status, 200, `control: ${changed.text}`);
    });

    it(`is refused to whom collecting is denied: ${name}`, async () => {
      const made = await update(people.doctor, `${id}-3`, 'denies');
      assert.equal(made.status, 403, made.text);
      const other = await update(people.otherDoctor, `${id}-3`, 'denies');
      assert.equal(other.status, 201, `control: ${other.text}`);
    });
  }
});
