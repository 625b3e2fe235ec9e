import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { idsOf, linkOf, observation, patient, putsTo } from '../../support/clinical-samples.ts';
import type { Resource } from '../../support/clinical-samples.ts';
import { namedQuery, parameter } from '../../support/named-query.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

type Caller = Parameters<TestApp['ask']>[0];
const puts = putsTo(() => server);
const get = (path: string, caller: Caller = people.ehr): Promise<Answer> =>
  server.ask(caller, 'GET', path);
const put = (resource: Resource, caller: Caller = people.ehr): Promise<Answer> =>
  server.ask(caller, 'PUT', `${resource.resourceType}/${resource.id}`, {
    body: JSON.stringify(resource),
  });
const given = (...names: readonly string[]) => ({
  parameter: names.map((name) => parameter(name)),
});

describe('the definition of a named query', () => {
  it('is refused when it cannot be evaluated, by the element that is wrong', async () => {
    const two = namedQuery('bad', 'code=1');
    for (const [definition, element, says] of [
      [namedQuery('bad', 'nonsense=1'), 'extension', /nonsense is no search parameter/],
      [namedQuery('bad', 'family=x'), 'extension', /Observation: .*family/],
      [
        namedQuery('bad', 'code=1', { resource: ['Observation', 'Patient'] }),
        'extension',
        /Patient: .*code/,
      ],
      [namedQuery('bad', 'code=1', { resource: ['Resource'] }), 'extension', /code/],
      [namedQuery('bad', 'code:nonsense=1'), 'extension', /modifier/],
      [namedQuery('bad', 'date=soon'), 'extension', /date/],
      [namedQuery('bad', 'subject:Device.nonsense={{%a}}', given('a')), 'extension', /nonsense/],
      [namedQuery('bad', '_query=pulses'), 'extension', /not made of queries/],
      [namedQuery('bad', '_count=5'), 'extension', /asked for beside/],
      [namedQuery('bad', '_sort=date'), 'extension', /asked for beside/],
      [namedQuery('bad', '_contained=true'), 'extension', /asked for beside/],
      [namedQuery('bad', '_type=Patient'), 'extension', /asked for beside/],
      [namedQuery('bad', '_cursor=1'), 'extension', /asked for beside/],
      [
        namedQuery('bad', '_filter=status eq {{%a}}', given('a')),
        'extension',
        /only a whole expression/,
      ],
      [namedQuery('bad', '_text=x {{%a}}', given('a')), 'extension', /only a whole expression/],
      [
        namedQuery('bad', 'subject:Patient._content=x {{%a}}', given('a')),
        'extension',
        /only a whole expression/,
      ],
      [namedQuery('bad', 'code={{%a}}'), 'extension[0].value', /%a is no parameter/],
      [namedQuery('bad', 'code={{a}}', given('a')), 'extension[0].value', /%name/],
      [namedQuery('bad', 'code={{%a.b}}', given('a')), 'extension[0].value', /%name/],
      [namedQuery('bad', 'code={{%a', given('a')), 'extension[0].value', /belong together/],
      [namedQuery('bad', '{{%a}}=1', given('a')), 'extension[0].value', /only values/],
      [namedQuery('bad', 'code'), 'extension[0].value', /name=value/],
      [namedQuery('bad', 'code='), 'extension[0].value', /name=value/],
      [namedQuery('bad', 'code=%zz'), 'extension[0].value', /percent-encoded/],
      [namedQuery('bad', 'Patient?code=1'), 'extension[0].value', /about Patient/],
      [namedQuery('bad', 'code=1', given('idle')), 'parameter', /uses idle/],
      [namedQuery('bad', 'code=1', { code: 'a b' }), 'code', /name/],
      [namedQuery('bad', 'code=1', { type: false }), 'type', /of types/],
      [namedQuery('bad', 'code=1', { instance: true }), 'instance', /one resource/],
      [namedQuery('bad', 'code={{%a}}', given('a', 'a')), 'parameter[1].name', /twice/],
      [namedQuery('bad', 'code={{%_a}}', given('_a')), 'parameter[0].name', /name/],
      [
        namedQuery('bad', 'code={{%a}}', { parameter: [parameter('a', { max: '*' })] }),
        'parameter[0].max',
        /once/,
      ],
      [
        namedQuery('bad', 'code={{%a}}', {
          parameter: [parameter('a', { type: 'code', searchType: undefined })],
        }),
        'parameter[0].type',
        /string/,
      ],
      [{ ...two, extension: [two['extension'], two['extension']].flat() }, 'extension', /twice/],
    ] as const) {
      const answer = await put(definition);
      const what = `${JSON.stringify(definition['extension'])}: ${answer.text}`;
      assert.equal(answer.status, 422, what);
      assert.ok(answer.text.includes(`"OperationDefinition.${element}"`), what);
      assert.match(answer.text, says);
      const draft = await put({ ...definition, id: 'draft', status: 'draft' });
      assert.ok([200, 201].includes(draft.status), 'what is not active is only stored');
    }
  });

  it('may use whatever can be searched by', async () => {
    const whole: readonly string[] = [
      'code:in=http://example.org/not/here/yet',
      'code:in={{%a}}',
      'code:text={{%a}}',
      'code-value-quantity={{%a}}',
      'component-code-value-concept={{%a}}',
      'component-code-value-quantity=8480-6$gt{{%a}}',
      'value-quantity=gt{{%a}}|http://unitsofmeasure.org|mm[Hg]',
      'subject:Patient.name={{%a}}',
      'subject:missing={{%a}}',
      '_has:Observation:has-member:code={{%a}}',
      '_filter={{%a}}',
      '_content={{%a}}',
      '_list={{%a}}',
      '_lastUpdated=ge{{ %`a` }}',
      'encounter={{%a}}&status=final',
      '?status=final,amended',
    ];
    for (const expression of whole) {
      const names = expression.includes('{{') ? given('a') : {};
      const answer = await put(namedQuery('fine', expression, names));
      assert.ok([200, 201].includes(answer.status), `${expression}: ${answer.text}`);
    }
    const near = namedQuery('near', 'near={{%a}}|8.5|{{%b}}|km', {
      resource: ['Location'],
      ...given('a', 'b'),
    });
    assert.equal((await put(near)).status, 201);
  });

  it('takes no name that another one has for the same type', async () => {
    await puts(namedQuery('mine', 'status=final'));
    const again = await put({ ...namedQuery('mine', 'status=final'), id: 'other' });
    assert.equal(again.status, 422, again.text);
    assert.match(again.text, /"OperationDefinition.code"/);
    const posted = await server.ask(people.ehr, 'POST', 'OperationDefinition', {
      body: JSON.stringify({ ...namedQuery('mine', 'status=final'), id: undefined }),
    });
    assert.equal(posted.status, 422, posted.text);
    await puts(namedQuery('mine', 'status=amended'));
    const elsewhere = namedQuery('mine', 'family=x', { resource: ['Patient'] });
    assert.equal((await put({ ...elsewhere, id: 'elsewhere' })).status, 201);
  });

  it("is for the custodian's systems and administration to write", async () => {
    const definition = namedQuery('whose', 'status=final');
    for (const caller of [people.patientA, people.pharmacist, people.auditor, people.doctor]) {
      assert.equal((await put(definition, caller)).status, 403);
    }
    assert.match((await get('Observation?_query=whose')).text, /no query named/);
    assert.equal((await put(definition)).status, 201);
    assert.equal((await get('Observation?_query=whose')).status, 200);
  });

  it('is listed in the CapabilityStatement as long as it can be asked', async () => {
    const listed = async (): Promise<unknown> => {
      const { body } = await server.app.inject('/fhir/metadata');
      const [rest] = (JSON.parse(body) as CapabilityStatement).rest ?? [];
      const of = (name: string, all: readonly { readonly name: string }[] = []) =>
        all.some((each) => each.name === name);
      return {
        system: of('told', rest?.operation),
        types: rest?.resource
          ?.filter(({ operation }) => of('told', operation))
          .map(({ type }) => type),
        parameter: of('_query', rest?.searchParam),
      };
    };
    const none = { system: false, types: [], parameter: true };
    assert.deepEqual(await listed(), none);
    const definition = namedQuery('told', '_id={{%a}}', {
      ...given('a'),
      resource: ['Observation', 'Patient'],
      system: true,
    });
    await puts(definition);
    const all = { system: true, types: ['Observation', 'Patient'], parameter: true };
    assert.deepEqual(await listed(), all);
    for (const [path, status] of [
      ['Observation?_query=told', 200],
      ['Patient?_query=told', 200],
      ['?_query=told', 200],
      ['Device?_query=told', 400],
    ] as const) {
      assert.equal((await get(path)).status, status, path);
    }
    await puts({ ...definition, status: 'retired' });
    assert.deepEqual(await listed(), none);
    assert.equal((await get('Observation?_query=told')).status, 400);
    await puts(definition);
    assert.deepEqual(await listed(), all);
    const deleted = await server.ask(people.ehr, 'DELETE', 'OperationDefinition/told');
    assert.equal(deleted.status, 204);
    assert.deepEqual(await listed(), none);
    assert.equal((await get('?_query=told')).status, 400);
  });
});

describe('a named query of the system', () => {
  beforeAll(() =>
    puts(
      patient('a', 'Berg'),
      patient('b', 'Tal'),
      observation('o', 'a', '1-1'),
      { resourceType: 'Basic', id: 'a', code: { text: 'x' } },
      namedQuery('both', '_id={{%which}}', {
        ...given('which'),
        resource: ['Observation', 'Patient'],
        system: true,
        type: false,
      }),
    ),
  );

  it('is of the types that its definition names, or of some of them', async () => {
    const both = await get('?_query=both&which=a,o&_count=10');
    assert.deepEqual(idsOf(both), ['a', 'o']);
    const self = linkOf(both, 'self') ?? '';
    assert.match(self, /\?_type=Observation,Patient&_query=both&which=a,o&_count=10$/);
    assert.deepEqual(idsOf(await get(self.replace(/^.*\/fhir/, ''))), ['a', 'o']);
    assert.deepEqual(idsOf(await get('?_query=both&which=a,o&_type=Patient')), ['a']);
    const within = await get('Patient/a/*?_query=both&which=a,o');
    assert.deepEqual(idsOf(within), ['a', 'o']);
    assert.deepEqual(idsOf(await get('Patient/b/*?_query=both&which=a,o')), []);
  });

  it('is refused for other types, and where it is not defined', async () => {
    const other = await get('?_query=both&which=a&_type=Basic');
    assert.equal(other.status, 400);
    assert.match(other.text, /the query both is not of Basic/);
    const beyond = { resource: ['Organization'], system: true };
    await puts(namedQuery('outside', 'name=x', beyond));
    const outside = await get('Patient/a/*?_query=outside');
    assert.equal(outside.status, 400);
    assert.match(outside.text, /of no type that lies in the compartment/);
    const typed = await get('Patient?_query=both&which=a');
    assert.match(typed.text, /Patient has no query named both/);
    const unknown = await get('?_query=nonsense');
    assert.match(unknown.text, /the system has no query named nonsense/);
  });
});

describe('a criterion of a named query that is not understood any more', () => {
  const lenient = (path: string): Promise<Answer> =>
    server.ask(people.ehr, 'GET', path, { headers: { prefer: 'handling=lenient' } });

  it('is not passed over in lenient handling: without it this would be another query', async () => {
    const eye = {
      resourceType: 'SearchParameter',
      id: 'eye',
      url: 'http://example.org/SearchParameter/eye',
      name: 'eye',
      status: 'active',
      description: 'Colour of the eyes',
      code: 'eye',
      base: ['Device'],
      type: 'string',
      expression: "Device.extension.where(url='http://example.org/eye').value as string",
    };
    const definition = namedQuery('eyed', 'eye={{%colour}}', {
      ...given('colour'),
      resource: ['Device'],
      system: true,
    });
    const early = await put(definition);
    assert.equal(early.status, 422, early.text);
    await puts(eye, definition);
    for (const path of ['Device?_query=eyed&colour=x', '?_query=eyed&colour=x']) {
      assert.equal((await lenient(path)).status, 200);
    }
    await puts({ ...eye, status: 'retired' });
    for (const path of ['Device?_query=eyed&colour=x', '?_query=eyed&colour=x']) {
      const answer = await lenient(path);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /Named query eyed: eye is no search parameter of Device/);
      assert.match(answer.text, /"http.colour"/);
    }
    assert.equal((await lenient('Device?_query=eyed')).status, 200, 'left out by its definition');
  });

  it('nor because another one of the same name is', async () => {
    const filtered = namedQuery('filtered', '_filter=status eq final', {
      resource: ['Observation', 'DiagnosticReport'],
      system: true,
    });
    await puts(filtered);
    assert.equal((await lenient('?_query=filtered')).status, 200);
    const answer = await lenient('?_query=filtered&_filter=nonsense eq 1');
    assert.equal(answer.status, 400, answer.text);
  });
});

describe('values of a named query', () => {
  const text = (id: string, code: string) => observation(id, 'a', code);
  const ask = async (query: string, value: string): Promise<Answer> =>
    get(`Observation?_query=${query}&p=${encodeURIComponent(value)}`);

  beforeAll(() =>
    puts(
      patient('a', 'Berg'),
      text('plain', 'k1'),
      text('odd', 'k1,k2'),
      text('pipe', 'x|k1'),
      text('dollar', 'k1$2'),
      text('slash', 'k1\\'),
      text('braces', '{{%p}}'),
      namedQuery('part', 'code=http://loinc.org|{{%p}}&status=final', given('p')),
      namedQuery('whole', 'code={{%p}}&status=final', given('p')),
    ),
  );

  it('that are parts of a criterion are text, whatever is in them', async () => {
    assert.deepEqual(idsOf(await ask('part', 'k1')), ['plain']);
    assert.deepEqual(idsOf(await ask('part', 'k1\\,k2')), ['odd']);
    assert.deepEqual(idsOf(await ask('part', 'x\\|k1')), ['pipe']);
    assert.deepEqual(idsOf(await ask('part', 'k1\\$2')), ['dollar']);
    assert.deepEqual(idsOf(await ask('part', 'k1\\\\')), ['slash']);
    assert.deepEqual(idsOf(await ask('part', 'k1\\')), ['slash'], 'it hides no separator');
    assert.deepEqual(idsOf(await ask('part', '{{%p}}')), ['braces'], 'nothing is filled twice');
    for (const value of ['k1&_id=odd', 'k1&status=draft', '&', '=', 'k1%26', '*', "' OR 1=1 --"]) {
      const answer = await ask('part', value);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(idsOf(answer), [], value);
    }
    for (const value of ['k1,k2', 'x|k1', 'k1$2', ',', '|', '\\\\,']) {
      const answer = await ask('part', value);
      assert.equal(answer.status, 400, value);
      assert.match(answer.text, /"http.p"/);
    }
  });

  it('that are all of a criterion may be whatever its parameter takes, and nothing beside it', async () => {
    assert.deepEqual(idsOf(await ask('whole', 'http://loinc.org|k1,x\\|k1')), ['pipe', 'plain']);
    assert.deepEqual(idsOf(await ask('whole', 'k1\\,k2')), ['odd']);
    assert.deepEqual(idsOf(await ask('whole', 'k1&_id=odd')), []);
    assert.equal((await ask('whole', 'k1,')).status, 400);
    assert.equal((await ask('whole', '\0')).status, 400);
  });
});
