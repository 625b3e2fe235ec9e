import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { OperationOutcome, Parameters, TerminologyCapabilities, ValueSet } from 'fhir/r4.js';
import { loadR4 } from '../../src/r4/r4.ts';
import { BASE, people, startApp, type Answer, type Caller, type TestApp } from '../support/app.ts';

const GENDER = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const GENDERS = 'http://hl7.org/fhir/administrative-gender';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const COLOURS = 'urn:example:colours';
const narrow = { ...people.ehr, scope: 'system/Patient.rs' };

const r4 = loadR4(join(import.meta.dirname, '..', '..', 'definitions'), { base: BASE });

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  const put = (resource: { resourceType: string; id: string }): Promise<Answer> =>
    app.ask(people.ehr, 'PUT', `${resource.resourceType}/${resource.id}`, {
      body: JSON.stringify(resource),
    });
  for (const resource of [colours, warm, all, colourMap])
    assert.equal((await put(resource)).status, 201);
});
afterAll(() => app.close());

const get = (path: string, caller: Caller = people.ehr): Promise<Answer> =>
  app.ask(caller, 'GET', path);

describe('ValueSet/$expand', () => {
  it('lists the codes of a value set of R4', async () => {
    const { status, json } = await get(`ValueSet/$expand?url=${GENDER}`);
    assert.equal(status, 200);
    const { expansion } = json() as unknown as ValueSet;
    assert.equal(expansion?.total, 4);
    assert.deepEqual(
      expansion.contains?.map(({ system, code, display }) => [system, code, display]),
      [
        [GENDERS, 'male', 'Male'],
        [GENDERS, 'female', 'Female'],
        [GENDERS, 'other', 'Other'],
        [GENDERS, 'unknown', 'Unknown'],
      ],
    );
  });

  it('answers anybody with a token, and nobody without', async () => {
    assert.equal((await get(`ValueSet/$expand?url=${GENDER}`, narrow)).status, 200);
    const nobody = await app.ask(undefined, 'GET', `ValueSet/$expand?url=${GENDER}`);
    assert.equal(nobody.status, 401);
  });

  it('expands what is stored here, by URL, by id and as sent; only for who may read it', async () => {
    const codes = (answer: Answer): readonly (string | undefined)[] =>
      (answer.json() as unknown as ValueSet).expansion?.contains?.map(({ code }) => code) ?? [];
    const byUrl = `ValueSet/$expand?url=urn:example:warm`;
    assert.deepEqual(codes(await get(byUrl)), ['red', 'crimson', 'orange']);
    assert.deepEqual(codes(await get('ValueSet/warm/$expand')), ['red', 'crimson', 'orange']);
    const sent = await app.ask(people.ehr, 'POST', 'ValueSet/$expand', {
      body: JSON.stringify({
        resourceType: 'Parameters',
        parameter: [{ name: 'valueSet', resource: warm }],
      }),
    });
    assert.deepEqual(codes(sent), ['red', 'crimson', 'orange']);
    assert.equal((await get(byUrl, narrow)).status, 404);
    assert.equal((await get('ValueSet/warm/$expand', narrow)).status, 403);
  });

  it('filters by words, pages, and leaves out what is inactive', async () => {
    const expand = async (more: string): Promise<ValueSet> =>
      (await get(`ValueSet/$expand?url=urn:example:all&${more}`)).json() as unknown as ValueSet;
    assert.deepEqual(
      (await expand('filter=cri')).expansion?.contains?.map(({ code }) => code),
      ['crimson'],
    );
    const page = await expand('offset=1&count=2');
    assert.equal(page.expansion?.total, 5);
    assert.deepEqual(
      page.expansion.contains?.map(({ code }) => code),
      ['crimson', 'orange'],
    );
    assert.equal((await expand('activeOnly=true')).expansion?.total, 4);
    assert.equal((await expand(`exclude-system=${COLOURS}`)).expansion?.total, 0);
    assert.equal((await expand(`exclude-system=${COLOURS}|7`)).expansion?.total, 5);
    assert.deepEqual(
      (await expand('displayLanguage=de&filter=rot')).expansion?.contains?.map(
        ({ display }) => display,
      ),
      ['Rot'],
    );
  });

  for (const [path, status, code, text] of [
    ['url=urn:example:nothing', 404, 'not-found', 'urn:example:nothing'],
    ['url=http://hl7.org/fhir/ValueSet/observation-codes', 422, 'not-found', 'loinc'],
    [`url=${GENDER}&colour=red`, 400, 'not-supported', 'colour'],
    [`url=${GENDER}&count=-1`, 400, 'invalid', 'count'],
    ['filter=a', 400, 'invalid', 'url'],
  ] as const) {
    it(`answers ${path} with ${status}`, async () => {
      const answer = await get(`ValueSet/$expand?${path}`);
      assert.equal(answer.status, status);
      const { issue } = answer.json() as unknown as OperationOutcome;
      assert.equal(issue[0]?.code, code);
      assert.match(issue[0].diagnostics ?? '', new RegExp(text));
    });
  }
});

describe('what the operations answer', () => {
  for (const path of [
    `ValueSet/$expand?url=${GENDER}&includeDesignations=true&includeDefinition=true&count=2`,
    'ValueSet/$expand?url=urn:example:all&displayLanguage=de&activeOnly=true&filter=r',
    'ValueSet/$expand?url=http://terminology.hl7.org/ValueSet/v3-ActCode&includeDesignations=true',
    `ValueSet/$validate-code?url=${GENDER}&system=${GENDERS}&code=male&display=Male`,
    `CodeSystem/$lookup?system=${COLOURS}&code=red`,
    `CodeSystem/$lookup?system=${ACT_CODE}&code=_ActAccountCode`,
    'CodeSystem/$lookup?system=http://terminology.hl7.org/CodeSystem/v2-0131&code=BP',
    'CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mg',
    `CodeSystem/$subsumes?system=${COLOURS}&codeA=red&codeB=blue`,
    `ConceptMap/$translate?url=urn:example:colour-map&system=${COLOURS}&code=crimson`,
    'CodeSystem/colours/$meta',
    'CodeSystem/$meta',
  ]) {
    it(`is valid, and the same in XML: ${path}`, async () => {
      const answer = await get(path);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(r4.validate(answer.json()), []);
      const xml = await app.ask(people.ehr, 'GET', path, {
        headers: { accept: 'application/fhir+xml' },
      });
      assert.equal(xml.status, 200, xml.text);
      assert.match(xml.text, /^<(\?xml|ValueSet|Parameters)/);
    });
  }
});

describe('metadata?mode=terminology', () => {
  it('lists the code systems that are there, and the parameters of $expand', async () => {
    const { status, json } = await app.ask(undefined, 'GET', 'metadata?mode=terminology');
    assert.equal(status, 200);
    const statement = json() as unknown as TerminologyCapabilities;
    assert.deepEqual(r4.validate(statement), []);
    const systems = statement.codeSystem ?? [];
    assert.ok(systems.length > 1_050, `${systems.length} code systems`);
    for (const { uri = '', version } of systems.filter((_each, index) => index % 25 === 0)) {
      const of = version?.[0]?.code === undefined ? '' : `&version=${version[0].code}`;
      const known = await get(`CodeSystem/$lookup?system=${encodeURIComponent(uri)}&code=%20${of}`);
      assert.match(known.text, /has no code/, uri);
    }
    for (const { name } of statement.expansion?.parameter ?? []) {
      const empty = await get(`ValueSet/$expand?${name}=`);
      assert.doesNotMatch(empty.text, /no parameter/, name);
    }
    assert.equal((await get('metadata?mode=normative')).status, 200);
    assert.equal((await get('metadata?mode=other')).status, 400);
  });

  it('knows a stored code system anew when it changes', async () => {
    const put = (code: string): Promise<Answer> =>
      app.ask(people.ehr, 'PUT', 'CodeSystem/changing', {
        body: JSON.stringify({
          ...colours,
          id: 'changing',
          url: 'urn:example:changing',
          concept: [{ code }],
        }),
      });
    const has = async (code: string): Promise<number> =>
      (await get(`CodeSystem/$lookup?system=urn:example:changing&code=${code}`)).status;
    await put('old');
    assert.deepEqual([await has('old'), await has('new')], [200, 404]);
    await put('new');
    assert.deepEqual([await has('old'), await has('new')], [404, 200]);
    assert.equal((await app.ask(people.ehr, 'DELETE', 'CodeSystem/changing')).status, 204);
    assert.deepEqual([await has('old'), await has('new')], [404, 404]);
  });
});

describe('$validate-code', () => {
  const result = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await get(path);
    assert.equal(answer.status, 200, answer.text);
    const { parameter = [] } = answer.json() as unknown as Parameters;
    return Object.fromEntries(
      parameter.map(({ name, valueBoolean, valueString }) => [name, valueBoolean ?? valueString]),
    );
  };

  it('tells what is in a value set from what is not', async () => {
    const of = (code: string): Promise<Record<string, unknown>> =>
      result(`ValueSet/$validate-code?url=${GENDER}&system=${GENDERS}&code=${code}`);
    assert.deepEqual(await of('male'), { result: true, display: 'Male' });
    assert.equal((await of('man'))['result'], false);
    const old = await of('male&systemVersion=3.0.1');
    assert.deepEqual(old, { ...(await of('male')), message: 'judged by version 4.0.1, not 3.0.1' });
  });

  it('lets nothing be named twice', async () => {
    for (const path of [
      `CodeSystem/colours/$validate-code?url=${GENDERS}&code=red`,
      `CodeSystem/colours/$subsumes?system=${GENDERS}&codeA=red&codeB=red`,
      `ValueSet/warm/$validate-code?url=${GENDER}&system=${COLOURS}&code=red`,
    ]) {
      assert.equal((await get(path)).status, 400, path);
    }
    assert.equal(
      (await get(`CodeSystem/colours/$validate-code?url=${COLOURS}&code=red`)).status,
      200,
    );
  });

  it('refuses a wrong name and tells the right one', async () => {
    const of = (display: string): Promise<Record<string, unknown>> =>
      result(`CodeSystem/$validate-code?url=${GENDERS}&code=male&display=${display}`);
    assert.equal((await of('male'))['result'], true);
    const wrong = await of('Female');
    assert.equal(wrong['result'], false);
    assert.equal(wrong['display'], 'Male');
  });

  it('takes abstract codes only where the caller does', async () => {
    const of = (more: string): Promise<Record<string, unknown>> =>
      result(`CodeSystem/$validate-code?url=${ACT_CODE}&code=_ActAccountCode${more}`);
    assert.equal((await of(''))['result'], false);
    assert.equal((await of('&abstract=true'))['result'], true);
  });

  it('does not guess about code systems that are not here', async () => {
    const unknown = await get(
      'ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/observation-codes&system=http://loinc.org&code=1-8',
    );
    assert.equal(unknown.status, 422);
    assert.equal(
      (await get('CodeSystem/$validate-code?url=http://loinc.org&code=1-8')).status,
      404,
    );
  });

  it('takes a CodeableConcept when one of its codings is in the set', async () => {
    const ask = (...codes: string[]): Promise<Answer> =>
      app.ask(people.ehr, 'POST', 'ValueSet/$validate-code', {
        body: JSON.stringify({
          resourceType: 'Parameters',
          parameter: [
            { name: 'url', valueUri: 'urn:example:warm' },
            {
              name: 'codeableConcept',
              valueCodeableConcept: { coding: codes.map((code) => ({ system: COLOURS, code })) },
            },
          ],
        }),
      });
    assert.match((await ask('blue', 'red')).text, /"valueBoolean":true/);
    assert.match((await ask('blue', 'green')).text, /"valueBoolean":false/);
  });
});

describe('CodeSystem/$lookup', () => {
  it('tells name, parents and properties', async () => {
    const { json, status } = await get(`CodeSystem/$lookup?system=${COLOURS}&code=crimson`);
    assert.equal(status, 200);
    const text = JSON.stringify(json());
    assert.match(text, /"display","valueString":"Crimson"/);
    assert.match(text, /"valueCode":"parent"\},\{"name":"value","valueCode":"red"/);
    assert.match(text, /"valueCode":"warm"\},\{"name":"value","valueBoolean":true/);
    const one = await get(`CodeSystem/$lookup?system=${COLOURS}&code=crimson&property=warm`);
    assert.doesNotMatch(one.text, /"parent"/);
  });

  it('knows neither other codes nor other systems', async () => {
    assert.equal((await get(`CodeSystem/$lookup?system=${COLOURS}&code=pink`)).status, 404);
    assert.equal((await get('CodeSystem/$lookup?system=http://loinc.org&code=1-8')).status, 404);
  });
});

describe('CodeSystem/$subsumes', () => {
  for (const [a, b, outcome] of [
    ['red', 'crimson', 'subsumes'],
    ['crimson', 'red', 'subsumed-by'],
    ['red', 'red', 'equivalent'],
    ['blue', 'red', 'not-subsumed'],
  ]) {
    it(`says how ${a} and ${b} relate`, async () => {
      const { text } = await get(`CodeSystem/$subsumes?system=${COLOURS}&codeA=${a}&codeB=${b}`);
      assert.match(text, new RegExp(`"outcome","valueCode":"${outcome}"`));
      const byId = await get(`CodeSystem/colours/$subsumes?codeA=${a}&codeB=${b}`);
      assert.equal(byId.text, text);
    });
  }
});

describe('ConceptMap/$translate', () => {
  it('translates there and back', async () => {
    const there = await get(
      `ConceptMap/$translate?url=urn:example:colour-map&system=${COLOURS}&code=crimson`,
    );
    assert.match(there.text, /"result","valueBoolean":true/);
    assert.match(there.text, /"equivalence","valueCode":"wider"/);
    assert.match(there.text, /"system":"urn:example:rgb","code":"f00"/);
    const back = await get(
      `ConceptMap/colour-map/$translate?system=urn:example:rgb&code=f00&reverse=true`,
    );
    assert.match(back.text, /"equivalence","valueCode":"narrower".*"code":"crimson"/);
    const none = await get(
      `ConceptMap/$translate?url=urn:example:colour-map&system=${COLOURS}&code=blue`,
    );
    assert.match(none.text, /"result","valueBoolean":false/);
  });
});

const colours = {
  resourceType: 'CodeSystem',
  id: 'colours',
  url: COLOURS,
  status: 'active',
  content: 'complete',
  hierarchyMeaning: 'is-a',
  property: [
    { code: 'warm', type: 'boolean' },
    { code: 'inactive', type: 'boolean' },
  ],
  concept: [
    {
      code: 'red',
      display: 'Red',
      designation: [{ language: 'de', value: 'Rot' }],
      property: [{ code: 'warm', valueBoolean: true }],
      concept: [
        { code: 'crimson', display: 'Crimson', property: [{ code: 'warm', valueBoolean: true }] },
      ],
    },
    { code: 'orange', display: 'Orange', property: [{ code: 'warm', valueBoolean: true }] },
    { code: 'blue', display: 'Blue' },
    { code: 'green', display: 'Green', property: [{ code: 'inactive', valueBoolean: true }] },
  ],
};

const warm = {
  resourceType: 'ValueSet',
  id: 'warm',
  url: 'urn:example:warm',
  status: 'active',
  compose: {
    include: [{ system: COLOURS, filter: [{ property: 'warm', op: '=', value: 'true' }] }],
  },
};

const all = {
  ...warm,
  id: 'all',
  url: 'urn:example:all',
  compose: { include: [{ system: COLOURS }] },
};

const colourMap = {
  resourceType: 'ConceptMap',
  id: 'colour-map',
  url: 'urn:example:colour-map',
  status: 'active',
  group: [
    {
      source: COLOURS,
      target: 'urn:example:rgb',
      element: [{ code: 'crimson', target: [{ code: 'f00', equivalence: 'wider' }] }],
    },
  ],
};
