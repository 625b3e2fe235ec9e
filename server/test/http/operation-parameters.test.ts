import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type Answer, type TestApp } from '../support/app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const [path, resource] of Object.entries(KEPT)) {
    const [resourceType = '', id = ''] = path.split('/');
    const body = JSON.stringify({ resourceType, id, ...resource });
    const { status, text } = await server.ask(people.ehr, 'PUT', path, { body });
    assert.equal(status, 201, text);
  }
});
afterAll(() => server.close());

const LOINC = 'http://loinc.org';
const coded = (text: string) => ({ coding: [{ system: LOINC, code: text }] });
const KEPT: Readonly<Record<string, object>> = {
  'Patient/a': { name: [{ family: 'Ant' }], birthDate: '1970-01-01' },
  'Encounter/e': {
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: 'Patient/a' },
  },
  'Observation/o': {
    status: 'final',
    code: coded('8867-4'),
    subject: { reference: 'Patient/a' },
    valueQuantity: { value: 62 },
  },
  'Composition/c': {
    status: 'final',
    type: { text: 'x' },
    subject: { reference: 'Patient/a' },
    date: '2026-01-01',
    author: [{ reference: 'Patient/a' }],
    title: 'x',
  },
  'CodeSystem/s': { url: 'urn:s', status: 'draft', content: 'complete', concept: [{ code: 'x' }] },
  'ValueSet/v': { status: 'draft', compose: { include: [{ system: 'urn:s' }] } },
  'ConceptMap/m': { status: 'draft', url: 'urn:m' },
};

/** Each operation of the API, by method and path, with a call of it that is answered. */
const CALLS: Readonly<Record<string, string>> = {
  'Patient/{id}/$access-log': 'Patient/a/$access-log',
  '{type}/{id}/_history/{vid}/$evidence': 'Patient/a/_history/1/$evidence',
  'Patient/{id}/$everything': 'Patient/a/$everything',
  'Patient/$everything': 'Patient/$everything',
  'Encounter/{id}/$everything': 'Encounter/e/$everything',
  'Composition/{id}/$document': 'Composition/c/$document',
  'ValueSet/$expand': 'ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender',
  'ValueSet/{id}/$expand': 'ValueSet/v/$expand',
  'ValueSet/$validate-code':
    'ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender&code=male&system=http://hl7.org/fhir/administrative-gender',
  'ValueSet/{id}/$validate-code': 'ValueSet/v/$validate-code?system=urn:s&code=x',
  'CodeSystem/$validate-code': 'CodeSystem/$validate-code?url=urn:s&code=x',
  'CodeSystem/{id}/$validate-code': 'CodeSystem/s/$validate-code?code=x',
  'CodeSystem/$lookup': 'CodeSystem/$lookup?system=urn:s&code=x',
  'CodeSystem/$subsumes': 'CodeSystem/$subsumes?system=urn:s&codeA=x&codeB=x',
  'CodeSystem/{id}/$subsumes': 'CodeSystem/s/$subsumes?codeA=x&codeB=x',
  'ConceptMap/$translate': 'ConceptMap/$translate?url=urn:m&system=urn:s&code=x',
  'ConceptMap/{id}/$translate': 'ConceptMap/m/$translate?system=urn:s&code=x',
  $meta: '$meta',
  '{type}/$meta': 'Patient/$meta',
  '{type}/{id}/$meta': 'Patient/a/$meta',
  '{type}/{id}/_history/{vid}/$meta': 'Patient/a/_history/1/$meta',
  '{type}/{id}/$meta-add': 'Patient/a/$meta-add',
  '{type}/{id}/$meta-delete': 'Patient/a/$meta-delete',
  '{type}/$validate': 'Patient/$validate',
  '{type}/{id}/$validate': 'Patient/a/$validate',
  '$reindex-status': '$reindex-status',
  $unassigned: '$unassigned',
  '{type}/$explain': 'Patient/$explain',
};
/** What calls by POST need in their body besides. */
const BODIES: Readonly<Record<string, object>> = {
  'Patient/a/$meta-add': { name: 'meta', valueMeta: { tag: [{ code: 'x' }] } },
  'Patient/a/$meta-delete': { name: 'meta', valueMeta: { tag: [{ code: 'y' }] } },
  'Patient/$validate': { name: 'resource', resource: { resourceType: 'Patient' } },
};

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

const paths = async (): Promise<Readonly<Record<string, Record<string, object>>>> =>
  (
    JSON.parse((await server.app.inject('/openapi.json')).body) as {
      readonly paths: Record<string, Record<string, object>>;
    }
  ).paths;

const withQuery = (path: string, query: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}${query}`;

const call = (
  { method, path }: Call,
  more: { readonly prefer?: string; readonly parameters?: readonly object[] } = {},
): Promise<Answer> => {
  const own = BODIES[path.split('?')[0] ?? ''];
  const parameter = [...(own ? [own] : []), ...(more.parameters ?? [])];
  return server.ask(path.includes('$access-log') ? people.patientA : people.ehr, method, path, {
    ...(method === 'POST' && parameter.length > 0
      ? { body: JSON.stringify({ resourceType: 'Parameters', parameter }) }
      : {}),
    headers: { prefer: more.prefer ?? 'handling=strict' },
  });
};

/** The same list as the server's own, so that none is forgotten. */
async function calls(): Promise<readonly Call[]> {
  const found: Call[] = [];
  for (const [path, methods] of Object.entries(await paths())) {
    // Where answers of requests in the background are fetched; a page of docs shows it.
    if (!path.includes('$') || path.startsWith('/$async')) continue;
    for (const method of Object.keys(methods)) {
      const example = CALLS[path.slice(1)];
      assert.ok(example, `a call of ${path}`);
      found.push({ method: method.toUpperCase() as Call['method'], path: example });
    }
  }
  return found;
}

const TAKEN = [
  ['$explain', '_sort'],
  ['$access-log', 'date'],
] as const;

describe('a parameter that an operation does not take', () => {
  it('is refused by name, in the URL and in the body', async () => {
    const all = await calls();
    assert.ok(all.length >= 45, String(all.length));
    for (const each of all) {
      const about = `${each.method} ${each.path}`;
      // What is read from stored instances needs no parameters, whatever the method.
      const fine = await call(each);
      assert.equal(fine.status, 200, `${about} ${fine.text}`);
      for (const name of ['nonsense', '_nonsense', 'date', '_sort']) {
        if (TAKEN.some(([end, taken]) => each.path.endsWith(end) && name === taken)) continue;
        const inUrl = await call({ ...each, path: withQuery(each.path, `${name}=2026`) });
        assert.equal(inUrl.status, 400, `${about} ${name} ${inUrl.text}`);
        assert.match(inUrl.text, new RegExp(`"http\\.${name}"`), about);
      }
      if (each.method === 'GET') continue;
      const inBody = await call(each, { parameters: [{ name: 'nonsense', valueString: 'x' }] });
      assert.equal(inBody.status, 400, `${about} ${inBody.text}`);
      assert.match(inBody.text, /"http\.nonsense"/, about);
    }
  });

  it('is passed over by lenient handling', async () => {
    for (const each of await calls()) {
      const answer = await call(
        { ...each, path: withQuery(each.path, '_nonsense=2026') },
        { prefer: 'handling=lenient', parameters: [] },
      );
      assert.equal(answer.status, 200, `${each.method} ${each.path} ${answer.text}`);
    }
  });

  it('is refused whatever its name is in JSON, which nothing has validated yet', async () => {
    for (const name of [5, null, {}, ['x']]) {
      const { status, text } = await call(
        { method: 'POST', path: 'Patient/$validate' },
        { parameters: [{ name, valueString: 'x' }] },
      );
      assert.equal(status, 400, text);
    }
  });

  it('is named where the answer has room for that, and left out of its link', async () => {
    const answer = await call(
      { method: 'GET', path: 'Patient/a/$everything?_nonsense=1&_type=Patient' },
      { prefer: 'handling=lenient' },
    );
    assert.match(answer.text, /OperationOutcome.*_nonsense/);
    const [self] = answer.json()['link'] as { url: string }[];
    assert.equal(self?.url, `${BASE}/Patient/a/$everything?_type=Patient`);
  });
});

describe('parameters of every request', () => {
  it('say how any answer is written', async () => {
    for (const { method, path } of await calls()) {
      if (path.includes('$evidence')) continue;
      const answer = await call({ method, path: withQuery(path, '_format=xml&_pretty=true') });
      assert.equal(answer.status, 200, `${path} ${answer.text}`);
      assert.match(String(answer.headers['content-type']), /fhir\+xml/, path);
      assert.match(answer.text, /^<\w+[^>]*>\n {2}</m, path);
    }
  });

  it('cannot say that of evidence, whose bytes are proved', async () => {
    const path = 'Patient/a/_history/1/$evidence';
    for (const [query, status] of [
      ['_format=json', 200],
      ['_format=application/fhir%2Bjson&_pretty=false', 200],
      ['_format=xml', 406],
      ['_pretty=true', 400],
    ] as const) {
      assert.equal((await call({ method: 'GET', path: `${path}?${query}` })).status, status, query);
    }
  });

  it('shorten the resources of $everything, and are refused where nothing is shortened', async () => {
    for (const each of await calls()) {
      for (const query of ['_summary=true', '_elements=name']) {
        const { status, text } = await call({ ...each, path: withQuery(each.path, query) });
        const taken = /\$everything|\$explain/.test(each.path);
        if (each.path.startsWith('Encounter') && query === '_elements=name') continue;
        assert.equal(status, taken ? 200 : 400, `${each.path} ${text}`);
        if (!taken) assert.match(text, /"http\._(summary|elements)"/);
      }
      const whole = await call({ ...each, path: withQuery(each.path, '_summary=false') });
      assert.equal(whole.status, 200, `${each.path} ${whole.text}`);
    }
    const { text } = await call({
      method: 'GET',
      path: 'Patient/a/$everything?_elements=birthDate,value&_type=Patient,Observation',
    });
    assert.match(text, /"birthDate":"1970-01-01"/);
    assert.match(text, /"valueQuantity"/);
    assert.match(text, /SUBSETTED/);
    assert.doesNotMatch(text, /"family"/);
    assert.match(text, /_elements=birthDate%2Cvalue/);
    const count = await call({ method: 'GET', path: 'Patient/a/$everything?_summary=count' });
    assert.equal(count.status, 400);
  });
});

describe('openapi.json', () => {
  it('lists what operations take in their URLs', async () => {
    const { '/Patient/{id}/$everything': all, '/ValueSet/$expand': expansion } = await paths();
    const names = (of: Record<string, object> | undefined): readonly string[] =>
      (of?.['get'] as { parameters: { name: string }[] }).parameters.map(({ name }) => name);
    assert.ok(names(all).includes('_since') && names(all).includes('end'));
    assert.ok(names(expansion).includes('filter'));
    assert.ok(!names(expansion).includes('valueSet'));
  });
});

describe('$access-log', () => {
  for (const [query, element] of [
    ['_count=0', '_count'],
    ['_count=two', '_count'],
    ['date=yesterday', 'date'],
    ['date=ap2026-01-01', 'date'],
    ['_since=2026-01-01', '_since'],
    ['agent=Practitioner/doctor,', 'agent'],
    ['_cursor=made-up', '_cursor'],
    ['outcome=8', 'outcome'],
  ] as const) {
    it(`refuses ${query}, naming ${element}`, async () => {
      const { status, json } = await call({
        method: 'GET',
        path: `Patient/a/$access-log?${query}`,
      });
      assert.equal(status, 400);
      const [issue] = json()['issue'] as { expression?: readonly string[] }[];
      assert.deepEqual(issue?.expression, [`http.${element}`]);
    });
  }
});

describe('the same value in the URL and in the body', () => {
  it('is one value; another is a second one', async () => {
    const path = 'CodeSystem/$lookup?system=urn:s';
    for (const [system, status] of [
      ['urn:s', 200],
      ['urn:t', 400],
    ] as const) {
      const parameters = [
        { name: 'system', valueUri: system },
        { name: 'code', valueCode: 'x' },
      ];
      const { status: found, text } = await call({ method: 'POST', path }, { parameters });
      assert.equal(found, status, text);
    }
  });

  it('is one in a search that is posted', async () => {
    const form = (path: string, body: string) =>
      server.ask(people.ehr, 'POST', path, {
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    const path = 'Patient/_search?_count=1&_summary=true&family=ant';
    const same = await form(path, '_count=1&family=ant&_summary=true');
    assert.equal(same.status, 200, same.text);
    assert.equal(same.json()['total'], 1);
    const [self] = same.json()['link'] as { url: string }[];
    assert.equal(self?.url, `${BASE}/Patient?_count=1&_summary=true&family=ant`);
    assert.equal((await form(path, '_count=2')).status, 400);
    assert.equal((await form(path, '_count=1&_count=1')).status, 200);
    const other = await form(path, 'family=bee');
    assert.equal(other.json()['total'], 0, other.text);
  });
});
