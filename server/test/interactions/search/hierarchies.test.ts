import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type TestApp } from '../../support/app.ts';
import { idsOf } from '../../support/clinical-samples.ts';

let server: TestApp;

const within = (id: string, parent?: string) => ({
  resourceType: 'Location',
  id,
  ...(parent === undefined ? {} : { partOf: { reference: `Location/${parent}` } }),
});
const role = (id: string, location: string) => ({
  resourceType: 'PractitionerRole',
  id,
  location: [{ reference: `Location/${location}` }],
});

beforeAll(async () => {
  server = await startApp();
  const long = Array.from({ length: 12 }, (_, i) =>
    within(`l${i}`, i === 0 ? undefined : `l${i - 1}`),
  );
  const resources = [
    within('hospital'),
    within('wing', 'hospital'),
    within('ward', 'wing'),
    within('bed', 'ward'),
    within('clinic'),
    within('round'),
    within('about', 'round'),
    ...long,
    role('in-hospital', 'hospital'),
    role('in-ward', 'ward'),
    role('in-bed', 'bed'),
    role('elsewhere', 'clinic'),
    role('in-circles', 'round'),
    role('deep', 'l11'),
    role('top', 'l0'),
  ];
  for (const resource of [...resources, within('round', 'about')]) {
    const { status, text } = await server.ask(
      people.ehr,
      'PUT',
      `${resource.resourceType}/${resource.id}`,
      { body: JSON.stringify(resource) },
    );
    assert.ok(status < 300, text);
  }
});
afterAll(() => server.close());

describe('references into a hierarchy', () => {
  const table: readonly [query: string, ids: readonly string[]][] = [
    ['PractitionerRole?location:below=wing', ['in-bed', 'in-ward']],
    ['PractitionerRole?location:below=Location/hospital', ['in-bed', 'in-hospital', 'in-ward']],
    [`PractitionerRole?location:below=${BASE}/Location/bed`, ['in-bed']],
    ['PractitionerRole?location:above=ward', ['in-hospital', 'in-ward']],
    ['PractitionerRole?location:above=Location/clinic', ['elsewhere']],
    ['PractitionerRole?location:below=about', ['in-circles']],
    ['PractitionerRole?location:above=about', ['in-circles']],
    ['PractitionerRole?location:below=nowhere', []],
    ['PractitionerRole?location:below=l0', ['deep', 'top']],
    ['PractitionerRole?location:above=l11', ['deep', 'top']],
    ['Location?partof:below=wing', ['bed', 'ward']],
    ['Location?partof:above=ward', ['bed', 'ward', 'wing']],
  ];
  for (const [query, ids] of table) {
    it(query, async () => {
      const answer = await server.ask(people.ehr, 'GET', query);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual([...idsOf(answer)].sort(), ids);
    });
  }

  it('needs the scope of what it leads through', async () => {
    const narrow = { ...people.ehr, scope: 'system/PractitionerRole.rs' };
    const answer = await server.ask(narrow, 'GET', 'PractitionerRole?location:below=wing');
    assert.equal(answer.status, 403, answer.text);
    const control = await server.ask(narrow, 'GET', 'PractitionerRole?location=ward');
    assert.deepEqual(idsOf(control), ['in-ward']);
  });
});
