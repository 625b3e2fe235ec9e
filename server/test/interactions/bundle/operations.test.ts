import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE, people, startApp, type TestApp } from '../../support/app.ts';
import { bundlesOf, entry, responses, statuses } from '../../support/bundles.ts';

const GENDER = 'http://hl7.org/fhir/administrative-gender';

let server: TestApp;
const { get, post, transact, total } = bundlesOf(() => server);
beforeAll(async () => {
  server = await startApp();
  const put = async (path: string, more: object): Promise<void> => {
    const [resourceType, id] = path.split('/');
    const body = JSON.stringify({ resourceType, id, ...more });
    assert.equal((await server.ask(people.ehr, 'PUT', path, { body })).status, 201);
  };
  await put('Patient/a', { active: true, meta: { tag: [{ code: 't' }] } });
  await put('Patient/b', {});
  await put('Encounter/e', {
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: 'Patient/a' },
  });
  await put('Composition/c', {
    status: 'final',
    type: { text: 'x' },
    subject: { reference: 'Patient/a' },
    date: '2026-01-01',
    author: [{ reference: 'Patient/a' }],
    title: 'x',
  });
  await put('CodeSystem/s', {
    url: 'urn:s',
    status: 'draft',
    content: 'complete',
    concept: [{ code: 'x' }],
  });
  await put('ConceptMap/m', { status: 'draft', url: 'urn:m' });
});
afterAll(() => server.close());

const parameters = (...parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter });
const lookup = parameters(
  { name: 'system', valueUri: GENDER },
  { name: 'code', valueCode: 'male' },
);
const outcomes = (answer: Parameters<typeof responses>[0]) =>
  responses(answer).map(({ response }) => response.outcome?.issue[0]?.diagnostics ?? '');

/** What differs from one answer to the next. */
const steady = (resource: unknown): unknown =>
  JSON.parse(
    JSON.stringify(resource, (name, value: unknown) =>
      name === 'timestamp' || name === 'identifier' ? undefined : value,
    ),
  );

const READING: readonly (readonly [method: 'GET' | 'POST', url: string, resource?: object])[] = [
  ['GET', 'Patient/a/$everything'],
  ['POST', 'Patient/a/$everything', parameters({ name: '_type', valueCode: 'Patient' })],
  ['POST', 'Patient/a/$everything'],
  ['GET', 'Patient/$everything?_type=Patient'],
  ['GET', 'Encounter/e/$everything'],
  ['GET', 'Composition/c/$document'],
  ['GET', 'ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender'],
  ['GET', `CodeSystem/$lookup?system=${GENDER}&code=male`],
  ['POST', 'CodeSystem/$lookup', lookup],
  ['POST', `${BASE}/CodeSystem/$lookup`, lookup],
  ['POST', '/CodeSystem/$lookup/', lookup],
  ['GET', 'CodeSystem/s/$validate-code?code=x'],
  ['GET', 'CodeSystem/$subsumes?system=urn:s&codeA=x&codeB=x'],
  ['GET', 'ConceptMap/m/$translate?system=urn:s&code=x'],
  ['POST', 'Patient/$validate', { resourceType: 'Patient', gender: 'unclear' }],
  ['GET', 'Patient/a/$validate'],
  ['GET', '$meta'],
  ['GET', 'Patient/$meta'],
  ['GET', 'Patient/a/$meta'],
  ['GET', 'Patient/a/_history/1/$meta'],
  ['GET', '$reindex-status'],
  ['GET', '$unassigned'],
  ['GET', 'Patient/$explain?active=true'],
];

describe('an operation that reads, as an entry of', () => {
  for (const type of ['batch', 'transaction'] as const) {
    for (const [method, url, resource] of READING) {
      it(`a ${type}, is answered as if alone: ${method} ${url}`, async () => {
        const path = url.replace(`${BASE}/`, '').replace(/^\//, '');
        const alone = await server.ask(
          people.ehr,
          method,
          path,
          resource === undefined ? {} : { body: JSON.stringify(resource) },
        );
        assert.equal(alone.status, 200, alone.text);
        const answer = await post(type, [entry(method, url, resource)]);
        assert.deepEqual(statuses(answer), ['200'], answer.text);
        assert.deepEqual(steady(responses(answer)[0]?.resource), steady(alone.json()));
      });
    }

    it(`a ${type}, is shown even to those who want nothing back of their writes`, async () => {
      const answer = await post(type, [entry('POST', 'CodeSystem/$lookup', lookup)], people.ehr, {
        prefer: 'return=minimal',
      });
      assert.equal(responses(answer)[0]?.resource?.['resourceType'], 'Parameters');
      const head = await post(type, [entry('HEAD', 'Patient/a/$meta')]);
      assert.deepEqual(statuses(head), ['200']);
      assert.equal(responses(head)[0]?.resource, undefined);
    });

    it(`a ${type}, gives what is no FHIR resource as a Binary`, async () => {
      const answer = await post(type, [entry('GET', 'Patient/a/_history/1/$evidence')]);
      const { resource } = responses(answer)[0] ?? {};
      assert.equal(resource?.['resourceType'], 'Binary');
      assert.equal(resource['contentType'], 'application/json; charset=utf-8');
      const bytes = Buffer.from(String(resource['data']), 'base64').toString('utf8');
      const alone = await get('Patient/a/_history/1/$evidence');
      const leaf = (text: string): unknown => (JSON.parse(text) as { leaf: unknown }).leaf;
      assert.notEqual(leaf(bytes), undefined);
      assert.deepEqual(leaf(bytes), leaf(alone.text));
    });

    it(`a ${type}, is decided and recorded for its caller`, async () => {
      const entries = [entry('GET', 'Patient/b/$everything'), entry('GET', 'Patient/b/$meta')];
      const refused = await post(type, entries, people.pharmacist);
      const found =
        refused.status === 200
          ? statuses(refused)
          : [String(refused.status), String(refused.status)];
      for (const status of found) assert.match(status, /^40[34]$/, refused.text);
      assert.doesNotMatch(refused.text, /"id":"b"/);
      assert.deepEqual(statuses(await post(type, entries)), ['200', '200']);
      const log = await post(type, [entry('GET', 'Patient/b/$access-log')], people.patientB);
      const text = JSON.stringify(responses(log)[0]?.resource);
      assert.match(text, /"code":"\$everything"/);
      assert.match(text, /"code":"\$meta"/);
      assert.match(text, /pharmacy/);
      assert.match(text, /"name":"inclusionHash"|"name":"headLeaf"/);
    });
  }

  it('a batch, is refused alone, by its name', async () => {
    const answer = await post('batch', [
      entry('GET', 'Patient/a/$nope'),
      entry('GET', 'Observation/o/$everything'),
      entry('GET', 'Patient/a/$meta-add'),
      entry('PUT', 'Patient/a/$everything', { resourceType: 'Patient', id: 'a' }),
      entry('GET', 'Patient/a/$everything?_nonsense=1'),
      entry('GET', 'Patient/a/$access-log?outcome=8'),
      entry('GET', '$async/x'),
      entry('GET', 'Patient/a/$meta', undefined, { ifNoneMatch: 'W/"1"' }),
      entry('GET', 'Patient/a/$meta', parameters()),
      entry('GET', 'Nothing/a/$meta'),
      entry('GET', 'Patient/a'),
    ]);
    assert.deepEqual(
      statuses(answer).join(' '),
      '404 404 405 405 400 400 400 400 400 404 200',
      answer.text,
    );
    const told = outcomes(answer);
    assert.match(told[0] ?? '', /no operation is called \$nope/);
    assert.match(told[1] ?? '', /\$everything is at Patient\/\[id\]\/\$everything/);
    assert.match(told[2] ?? '', /takes POST, OPTIONS, not GET/);
    assert.match(told[4] ?? '', /_nonsense/);
    assert.match(told[5] ?? '', /There is no parameter outcome/);
    assert.match(told[6] ?? '', /\$async is no entry of a Bundle/);
  });
});

describe('operations of a transaction', () => {
  const made = (id: string) =>
    entry('PUT', `Patient/${id}`, { resourceType: 'Patient', id, active: true });

  it('see what it writes, wherever they stand', async () => {
    const answer = await transact([
      entry('POST', 'CodeSystem/$lookup', lookup),
      entry('GET', 'Patient/n/$everything'),
      entry('GET', 'Patient/n/$meta'),
      made('n'),
      entry('GET', 'Patient/n'),
    ]);
    assert.deepEqual(statuses(answer), ['200', '200', '200', '201', '200'], answer.text);
    assert.match(JSON.stringify(responses(answer)[1]?.resource), /"id":"n"/);
    assert.equal(await total('CodeSystem?url=urn:s'), 1);
  });

  for (const [what, url, resource, told] of [
    ['does not exist', 'Patient/a/$nope', undefined, /no operation is called \$nope/],
    ['has not this parameter', 'Patient/a/$everything?_nonsense=1', undefined, /_nonsense/],
    [
      'has not this parameter',
      'CodeSystem/$lookup?code=x',
      lookup,
      /parameter code may be given once/,
    ],
    ['is no entry', '$async/x', undefined, /\$async is no entry/],
    [
      'changes data',
      'Patient/a/$meta-add',
      parameters({ name: 'meta', valueMeta: { tag: [{ code: 'u' }] } }),
      /changes data/,
    ],
    ['changes data', 'Composition/c/$document?persist=true', undefined, /changes data/],
  ] as const) {
    it(`that ${what} stops all of it: ${url}`, async () => {
      const method = resource === undefined ? 'GET' : 'POST';
      const answer = await transact([made('never'), entry(method, url, resource)]);
      assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
      assert.match(answer.text, told);
      assert.match(answer.text, /Bundle\.entry\[1\]/);
      assert.equal((await get('Patient/never')).status, 404);
    });
  }
});

describe('operations that change data, in a batch', () => {
  const tag = (code: string) => parameters({ name: 'meta', valueMeta: { tag: [{ code }] } });

  it('do so in the order of the entries for a resource', async () => {
    const answer = await post('batch', [
      entry('PUT', 'Basic/m', { resourceType: 'Basic', id: 'm', code: { text: 'x' } }),
      entry('POST', 'Basic/m/$meta-add', tag('one'), { ifMatch: 'W/"1"' }),
      entry('POST', 'Basic/m/$meta-add', tag('two'), { ifMatch: 'W/"1"' }),
      entry('POST', 'Basic/m/$meta-add', tag('three')),
      entry('POST', 'Basic/m/$meta-delete', tag('one')),
      entry('GET', 'Basic/m/$meta'),
    ]);
    assert.deepEqual(statuses(answer), ['201', '200', '412', '200', '200', '200'], answer.text);
    assert.match(JSON.stringify(responses(answer)[5]?.resource), /"tag":\[\{"code":"three"\}\]/);
  });

  it('keep a document', async () => {
    const answer = await post('batch', [entry('GET', 'Composition/c/$document?persist=true')]);
    const { response, resource } = responses(answer)[0] ?? {};
    assert.equal(response?.status, '200 OK');
    assert.match(String(response.location), /^Bundle\/.*\/_history\/1$/);
    assert.equal(resource?.['type'], 'document');
  });
});

describe('a slash at the end of the URL of an entry', () => {
  for (const type of ['batch', 'transaction'] as const) {
    it(`is no slash: ${type}`, async () => {
      const basic = (id: string) => ({ resourceType: 'Basic', id, code: { text: 'x' } });
      const written = await post(type, [
        entry('POST', 'Basic/', basic('x')),
        entry('PUT', `Basic/${type}/`, basic(type)),
        entry('PUT', `Basic/?_id=${type}-2`, basic(`${type}-2`)),
      ]);
      assert.deepEqual(statuses(written), ['201', '201', '201'], written.text);
      const read = await post(type, [
        entry('GET', `Basic/?_id=${type}`),
        entry('GET', `Basic/${type}/`),
        entry('GET', `Basic/${type}/_history/`),
        entry('GET', `Basic/${type}/_history/1/`),
        entry('GET', `${BASE}/Basic/${type}/`),
        entry('GET', 'Patient/a/Encounter/'),
        entry('GET', '_history/'),
        entry('GET', `/?_type=Basic&_id=${type}`),
      ]);
      assert.deepEqual(new Set(statuses(read)), new Set(['200']), read.text);
      const [self] = responses(read)[0]?.resource?.['link'] as { url: string }[];
      assert.equal(self?.url, `${BASE}/Basic?_id=${type}`);
      const gone = await post(type, [
        entry('DELETE', `Basic/?_id=${type}`),
        entry('DELETE', `Basic/${type}-2/`),
      ]);
      assert.deepEqual(statuses(gone), ['204', '204'], gone.text);
    });
  }

  it('is one segment more when there are two', async () => {
    const answer = await post('batch', [
      entry('GET', 'Patient//'),
      entry('GET', 'Patient/a//'),
      entry('GET', 'Patient//a'),
      entry('GET', 'Patient/a//$meta'),
    ]);
    for (const status of statuses(answer)) assert.match(status, /^4/);
  });
});
