import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../../support/app.ts';
import { idsOf, putsTo } from '../../support/clinical-samples.ts';
import type { Json } from '../../support/r4.ts';

let server: TestApp;
const put = putsTo(() => server);

const SNOMED = 'http://snomed.info/sct';
const medication = (id: string, code?: string): Json => ({
  resourceType: 'Medication',
  id,
  ...(code !== undefined && { code: { coding: [{ system: SNOMED, code }] } }),
});
/** A list of these medications, all but the last of which are entries. */
const list = (id: string, ...contained: readonly Json[]) => ({
  resourceType: 'List',
  id,
  status: 'current',
  mode: 'working',
  contained,
  entry: contained.slice(0, -1).map((each) => ({ item: { reference: `#${String(each['id'])}` } })),
  note: [
    { text: 'see also', authorReference: { reference: `#${String(contained.at(-1)?.['id'])}` } },
  ],
});

beforeAll(async () => {
  server = await startApp();
  await put(
    list('both', medication('1', 'a'), medication('2', 'b'), medication('n', 'a')),
    list('one', medication('1', 'a'), medication('2', 'a'), medication('n', 'b')),
    list('none', medication('1'), medication('2', 'a'), medication('n', 'a')),
  );
});
afterAll(() => server.close());

describe('what one of several contained resources lacks', () => {
  for (const [query, found] of [
    ['item:Medication.code=a', ['both', 'none', 'one']],
    ['item:Medication.code:not=a', ['both', 'none']],
    ['item:Medication.code:not=b', ['both', 'none', 'one']],
    ['item:Medication.code:not=a,b', ['none']],
    ['item:Medication.code:missing=true', ['none']],
    ['item:Medication.code:missing=false', ['both', 'none', 'one']],
    [`item:Medication.code:not=${SNOMED}|`, ['none']],
  ] as const) {
    it(`List?${query}`, async () => {
      const answer = await server.ask(people.ehr, 'GET', `List?${query}`);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(idsOf(answer).toSorted(), found);
    });
  }
});
