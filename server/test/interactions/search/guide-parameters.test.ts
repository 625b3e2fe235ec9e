import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { loadR4 } from '../../../src/r4/r4.ts';
import { tellOfParameters } from '../../../src/interactions/index/tell-of-parameters.ts';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { idsOf, observation, patient } from '../../support/clinical-samples.ts';
import { BASE, DEFINITIONS } from '../../support/r4.ts';

const guide = 'http://example.org/guide/SearchParameter';
const defined = (id: string, more: object): object => ({
  ...{ resourceType: 'SearchParameter', id, url: `${guide}/${id}`, name: id, status: 'active' },
  ...{ description: id, code: id, base: ['Patient'], type: 'string' },
  ...more,
});
/** Narrower than R4's, as guides have them, each under the code of R4. */
const narrower = [
  defined('guide-name', { code: 'name', expression: "Patient.name.where(use='official')" }),
  defined('guide-id', { code: '_id', type: 'token', expression: 'Patient.id' }),
  defined('guide-identifier', { code: 'identifier', type: 'token', expression: 'Resource.none()' }),
  defined('guide-updated', { code: '_lastUpdated', type: 'date', base: ['Observation'] }),
];
/** Of two types, one of which R4 has the code for. */
const halfOwn = defined('guide-gender', {
  ...{ code: 'gender', base: ['Patient', 'Observation'], type: 'token' },
  expression: 'Patient.language | Observation.status.first()',
});
const own = defined('first-family', { expression: 'Patient.name.first().family' });
const unusable = [
  defined('a-broken', { expression: 'Patient.name.where(' }),
  defined('a-typo', { expression: 'Patient.nmae' }),
  { ...defined('a-codeless', {}), code: undefined },
  defined('z-first-family', { code: 'first-family', expression: 'Patient.name.last().family' }),
  defined('a-odd', { type: 'composite', expression: 'Patient', component: [null] }),
];

let folder: string;
let server: TestApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guide-'));
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package', 'package.json'), '{"name":"a.guide","version":"1.0.0"}');
  for (const [i, each] of [...narrower, halfOwn, own, ...unusable].entries()) {
    writeFileSync(join(folder, 'package', `parameter-${i}.json`), JSON.stringify(each));
  }
  server = await startApp({ CHARTSEAL_PACKAGES: folder });
  const two = { name: [{ family: 'Berg', use: 'official' }, { family: 'Ville' }] };
  await put({ ...patient('p', 'Berg'), ...two, language: 'de', gender: 'female' });
  await put(patient('q', 'Ville'));
  await put(observation('o', 'p', '1-1'));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function put(resource: object): Promise<Answer> {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  const body = JSON.stringify(resource);
  const answer = await server.ask(people.ehr, 'PUT', `${resourceType}/${id}`, { body });
  assert.ok([200, 201].includes(answer.status), answer.text);
  return answer;
}
const get = (path: string) => server.ask(people.ehr, 'GET', path);
const find = async (query: string): Promise<readonly string[]> =>
  idsOf(await get(query)).toSorted();

/** What a code of R4 finds, whatever a guide says of it. */
async function assertMeaningOfR4(): Promise<void> {
  assert.deepEqual(await find('Patient?name=ville'), ['p', 'q']);
  assert.deepEqual(await find('Patient?_id=p'), ['p']);
  assert.deepEqual(await find('Patient?gender=female'), ['p']);
  assert.deepEqual(await find('Patient?gender=de'), []);
  assert.deepEqual(await find('Observation?_lastUpdated=gt2000'), ['o']);
  assert.deepEqual(await find('Observation?subject:Patient.name=ville'), ['o']);
}

async function searchParam(
  type: string,
  name: string,
): Promise<Record<string, string> | undefined> {
  const { rest } = (await get('metadata')).json() as {
    rest: [{ resource: { type: string; searchParam: Record<string, string>[] }[] }];
  };
  const entry = rest[0].resource.find((each) => each.type === type);
  return entry?.searchParam.find((each) => each['name'] === name);
}

/** URLs that the status tells to have no effect for a code. */
async function eclipsed(type: string, code: string): Promise<readonly unknown[]> {
  const { parameter } = (await get('$reindex-status')).json() as {
    parameter: { name: string; part?: Record<string, string>[] }[];
  };
  return parameter
    .filter(({ name }) => name === 'eclipsed')
    .map(({ part = [] }) => part)
    .filter(([a, b]) => a?.['valueCode'] === type && b?.['valueCode'] === code)
    .flatMap(([, , ...urls]) => urls.map(({ valueUri }) => valueUri));
}

describe('search parameters of guides', () => {
  it('leave the codes of R4 their meaning, and say so', async () => {
    await assertMeaningOfR4();
    const name = await searchParam('Patient', 'name');
    assert.equal(name?.['definition'], 'http://hl7.org/fhir/SearchParameter/Patient-name');
    assert.match(name['documentation'] ?? '', /meaning of R4, not that of .*guide-name$/);
    assert.doesNotMatch((await searchParam('Patient', 'family'))?.['documentation'] ?? '', /guide/);
    assert.deepEqual(await eclipsed('Patient', 'name'), [`${guide}/guide-name`]);
    assert.deepEqual(await eclipsed('Observation', '_lastUpdated'), [`${guide}/guide-updated`]);
    assert.deepEqual(await eclipsed('Patient', 'family'), []);
  });

  it('are used for their own codes, and for types that R4 has none for', async () => {
    assert.deepEqual(await find('Patient?first-family=berg'), ['p']);
    assert.deepEqual(await find('Patient?first-family=ville'), ['q']);
    assert.deepEqual(await find('Observation?gender=final'), ['o']);
    assert.equal(
      (await searchParam('Patient', 'first-family'))?.['definition'],
      `${guide}/first-family`,
    );
  });

  it('keep neither the others nor the start when they cannot be used, and each is told of in a line', () => {
    const r4 = loadR4(DEFINITIONS, { base: BASE, packages: [folder] });
    assert.deepEqual(r4.packageParameters.faults.length, unusable.length);
    const lines: string[] = [];
    const facts: object[] = [];
    r4.registry.useCustom(r4.packageParameters.usable, () => true);
    tellOfParameters({ warn: (line) => lines.push(line), info: (fact) => facts.push(fact) }, r4);
    for (const why of [
      /a-broken: The expression cannot be indexed: .*too early$/,
      /a-typo: .*Patient has no element nmae$/,
      /a-codeless: it has no code or no type$/,
      /z-first-family: Patient has first-family by .*\/first-family already$/,
      /a-odd: /,
    ]) {
      assert.equal(lines.filter((line) => why.test(line)).length, 1, String(why));
    }
    assert.equal(facts.length, 1);
    assert.match(JSON.stringify(facts), /Patient\.name \(.*guide-name\)/);
  });

  it('can be stored with a code of R4: it keeps its meaning, and validation tells so', async () => {
    const given = defined('given-first', {
      code: 'given',
      expression: 'Patient.name.first().given',
    });
    const body = JSON.stringify(given);
    const judged = await server.ask(people.ehr, 'POST', 'SearchParameter/$validate', { body });
    assert.match(judged.text, /"information".*R4 defines given of Patient: that meaning stays/);
    assert.doesNotMatch(judged.text, /"error"/);
    await put(given);
    const posted = await server.ask(people.ehr, 'POST', 'SearchParameter', {
      body: JSON.stringify(defined('given-last', { code: 'given', expression: 'no().matter' })),
    });
    assert.equal(posted.status, 201, posted.text);
    const index = (await get('$reindex-status')).text;
    assert.match(index, /"complete","valueBoolean":true/, 'nothing is indexed again for it');
    assert.deepEqual(await eclipsed('Patient', 'given'), [
      `${guide}/given-first`,
      `${guide}/given-last`,
    ]);
    assert.match(
      (await searchParam('Patient', 'given'))?.['documentation'] ?? '',
      /given-first, .*given-last/,
    );
    const found = await get(`SearchParameter?url=${guide}/given-first`);
    assert.deepEqual(idsOf(found), ['given-first']);
    assert.equal(
      (await server.ask(people.ehr, 'DELETE', 'SearchParameter/given-first')).status,
      204,
    );
    assert.deepEqual(await eclipsed('Patient', 'given'), [`${guide}/given-last`]);
    await assertMeaningOfR4();
  });

  it('are refused at run time with the code of another one, and where nothing of them can be used', async () => {
    for (const [more, why] of [
      [{ code: 'first-family', expression: 'Patient.name.family' }, /another search parameter/],
      [{ code: 'new-code', expression: 'Patient.name.nope' }, /no element nope/],
      [{ code: '_new', expression: 'Patient.name' }, /The code is a letter/],
    ] as const) {
      const body = JSON.stringify(defined('refused', more));
      const answer = await server.ask(people.ehr, 'POST', 'SearchParameter', { body });
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.text, why);
      const judged = await server.ask(people.ehr, 'POST', 'SearchParameter/$validate', { body });
      assert.match(judged.text, /"error"/);
    }
  });
});
