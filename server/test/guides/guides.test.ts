import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { entriesOf } from '../support/clinical-samples.ts';
import { requiredIncludes, requiredSearches } from './requirements.ts';
import { samples, type Sample } from './samples.ts';

let server: TestApp;

async function put(type: string, id: string, content: object): Promise<void> {
  const answer = await server.ask(people.ehr, 'PUT', `${type}/${id}`, {
    body: JSON.stringify({ resourceType: type, id, ...content }),
  });
  assert.ok([200, 201].includes(answer.status), answer.text);
}

function idsOf(answer: Answer, mode: string): string[] {
  assert.equal(answer.status, 200, answer.text);
  return entriesOf(answer)
    .filter(({ search }) => search?.mode === mode)
    .map(({ resource }) => resource.id)
    .sort();
}

/** `guide` answers to every parameter, `not-<parameter>` to all but one. */
function variants(sample: Sample): (readonly [id: string, content: object])[] {
  const all = Object.values(sample.parameters).map(({ hit }) => hit);
  const whole = Object.assign({}, sample.base, ...all) as object;
  return [
    ['guide', whole],
    ...Object.entries(sample.parameters).map(
      ([name, { miss }]) => [`not-${name}`, { ...whole, ...miss }] as const,
    ),
  ];
}

/** Every way to ask for `guide` by these parameters. */
function queries(sample: Sample, parameters: readonly string[]): string[] {
  const ways = parameters.map((name): readonly (readonly string[])[] => {
    if (name === '_id') return [['guide']];
    if (name === '_lastUpdated') return [['gt2000-01-01'], ['gt2000-01-01', 'lt2999-01-01']];
    const { query } = sample.parameters[name] ?? {};
    assert.ok(query, `no sample answers to ${name}`);
    return query;
  });
  const most = Math.max(...ways.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) =>
    parameters
      .flatMap((name, at) => {
        const forms = ways[at] ?? [];
        return (forms[i % forms.length] ?? []).map(
          (value) => `${name}=${encodeURIComponent(value)}`,
        );
      })
      .join('&'),
  );
}

beforeAll(async () => {
  server = await startApp();
  await put('Medication', 'guide', {});
  await put('Endpoint', 'guide', {
    status: 'active',
    connectionType: { code: 'x' },
    payloadType: [{ text: 'x' }],
    address: 'http://x',
  });
  for (const [type, sample] of Object.entries(samples)) {
    for (const [id, content] of variants(sample)) await put(type, id, content);
  }
  await put('Provenance', 'of-all', {
    target: Object.keys(samples).map((type) => ({ reference: `${type}/guide` })),
    recorded: '2023-05-17T00:00:00Z',
    agent: [{ who: { reference: 'Organization/guide' } }],
  });
});
afterAll(() => server.close());

describe('searches that US Core 6.1, 7.0, 8.0 and IPA require', () => {
  for (const [type, searches] of Object.entries(requiredSearches)) {
    for (const [combination, required] of searches) {
      it(`${type}: ${combination} (${required})`, async () => {
        const sample = samples[type];
        assert.ok(sample, `no sample of ${type}`);
        const parameters = combination.split('+');
        const others = variants(sample)
          .map(([id]) => id)
          .filter((id) => id !== 'guide' && !parameters.includes(id.slice('not-'.length)));
        const expected = parameters.includes('_id') ? ['guide'] : ['guide', ...others].sort();
        for (const query of queries(sample, parameters)) {
          const found = await server.ask(people.doctor, 'GET', `${type}?${query}`);
          assert.deepEqual(idsOf(found, 'match'), expected, query);
          const posted = await server.ask(people.doctor, 'POST', `${type}/_search`, {
            body: query,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
          assert.deepEqual(idsOf(posted, 'match'), expected, query);
        }
        if (parameters.includes('_lastUpdated')) {
          const old = await server.ask(people.doctor, 'GET', `${type}?_lastUpdated=lt2000-01-01`);
          assert.deepEqual(idsOf(old, 'match'), []);
        }
      });
    }
    it(`${type}: _revinclude=Provenance:target`, async () => {
      const query = `${type}?_id=guide&_revinclude=Provenance:target`;
      assert.deepEqual(idsOf(await server.ask(people.doctor, 'GET', query), 'include'), ['of-all']);
    });
  }

  for (const [type, include] of requiredIncludes) {
    it(`${type}: _include=${include}`, async () => {
      const { including } = samples[type] ?? {};
      const id = including === undefined ? 'guide' : 'including';
      if (including !== undefined) {
        await put(type, id, { ...including, subject: { reference: 'Patient/including' } });
      }
      const query = `${type}?_id=${id}&_include=${include}`;
      const answer = await server.ask(people.doctor, 'GET', query);
      assert.deepEqual(idsOf(answer, 'include'), ['guide']);
    });
  }
});
