import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import {
  actor,
  consent,
  entriesOf,
  idsOf,
  linkOf,
  observation,
  patient,
  putsTo,
  totalOf,
  type Resource,
} from '../../support/clinical-samples.ts';
import { namedQuery, parameter } from '../../support/named-query.ts';

let server: TestApp;

const puts = putsTo(() => server);
const get = (path: string, caller: Parameters<TestApp['ask']>[0] = people.ehr): Promise<Answer> =>
  server.ask(caller, 'GET', path);
const at = (id: string, of: string, effectiveDateTime: string): Resource => ({
  ...observation(id, of, '8867-4'),
  effectiveDateTime,
});

/** Final observations of a code, since a time where one is given. */
const pulses = (more: object = {}) =>
  namedQuery('pulses', 'Observation?status=final&code={{%code}}&date=ge{{%since}}', {
    parameter: [parameter('code', { min: 1 }), parameter('since')],
    ...more,
  });

beforeAll(async () => {
  server = await startApp();
  await puts(
    patient('a', 'Berg'),
    patient('b', 'Tal'),
    at('old', 'a', '2020-05-01'),
    at('new', 'a', '2026-05-01'),
    at('other', 'b', '2026-06-01'),
    { ...at('draft', 'a', '2026-05-01'), status: 'preliminary' },
    observation('text', 'a', 'a,b|c$d\\e'),
  );
});
afterAll(() => server.close());

describe('a named query', () => {
  beforeEach(() => puts(pulses()));

  it('is what its definition says, with the values of its parameters', async () => {
    const all = await get('Observation?_query=pulses&code=8867-4');
    assert.deepEqual(idsOf(all), ['new', 'old', 'other']);
    const since = await get('Observation?_query=pulses&code=8867-4&since=2026-05-15');
    assert.deepEqual(idsOf(since), ['other']);
    const none = await get('Observation?_query=pulses&code=1-1');
    assert.deepEqual(idsOf(none), []);
  });

  it('goes with other criteria and with what shapes the answer', async () => {
    const narrowed = await get(
      'Observation?_query=pulses&code=8867-4&patient=a&_sort=-date&_total=accurate&_include=Observation:subject&_elements=status',
    );
    assert.deepEqual(
      entriesOf(narrowed).map(({ resource }) => resource.id),
      ['new', 'old', 'a'],
    );
    assert.equal(totalOf(narrowed), 2);
    assert.equal(totalOf(await get('Observation?_query=pulses&code=8867-4&_summary=count')), 3);
  });

  it('may be posted, be asked in a compartment, in a batch and as a condition', async () => {
    const posted = await server.ask(people.ehr, 'POST', 'Observation/_search', {
      body: '_query=pulses&code=8867-4&since=2026',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.deepEqual(idsOf(posted), ['new', 'other']);
    const within = await get('Patient/b/Observation?_query=pulses&code=8867-4');
    assert.deepEqual(idsOf(within), ['other']);
    for (const type of ['batch', 'transaction']) {
      const url = 'Observation?_query=pulses&code=8867-4&patient=b';
      const answer = await server.ask(people.ehr, 'POST', '', {
        body: JSON.stringify({
          resourceType: 'Bundle',
          type,
          entry: [{ request: { method: 'GET', url } }],
        }),
      });
      const [entry] = answer.json()['entry'] as readonly { readonly resource: object }[];
      assert.match(JSON.stringify(entry), /"id":"other"/, answer.text);
    }
    const create = (criteria: string): Promise<Answer> =>
      server.ask(people.ehr, 'POST', 'Observation', {
        body: JSON.stringify({ ...observation('x', 'b', 'made'), id: undefined }),
        headers: { 'if-none-exist': criteria },
      });
    assert.equal((await create('_query=pulses&code=8867-4&patient=b')).status, 200);
    assert.equal((await create('_query=pulses&code=none-such&patient=b')).status, 201);
    const nothing = await create('_query=pulses&code=');
    assert.equal(nothing.status, 400, nothing.text);
  });

  it('is named by the self link and the links of its pages, with its parameters', async () => {
    const first = await get('Observation?_query=pulses&code=8867-4&since=2020&_count=1');
    const self = linkOf(first, 'self') ?? '';
    assert.match(self, /\/Observation\?_query=pulses&code=8867-4&since=2020&_count=1$/);
    const seen: string[] = [];
    for (let page: Answer | undefined = first; page !== undefined;) {
      assert.equal(page.status, 200, page.text);
      seen.push(...idsOf(page));
      const next = linkOf(page, 'next');
      if (next) assert.match(next, /_query=pulses&code=8867-4&since=2020/);
      page = next === undefined ? undefined : await get(next.replace(/^.*\/fhir\//, ''));
    }
    assert.deepEqual(seen.sort(), ['new', 'old', 'other']);
  });

  it('whose definition changes or goes leaves no page that means something else', async () => {
    const next = async (): Promise<string> => {
      const first = await get('Observation?_query=pulses&code=8867-4&_count=1');
      return (linkOf(first, 'next') ?? '').replace(/^.*\/fhir\//, '');
    };
    const link = await next();
    assert.equal((await get(link)).status, 200);
    await puts(namedQuery('pulses', 'code={{%code}}', { parameter: [parameter('code')] }));
    const changed = await get(link);
    assert.equal(changed.status, 400, changed.text);
    assert.match(changed.text, /named query/);
    const again = await next();
    assert.equal((await get(again)).status, 200);
    await puts(pulses({ status: 'retired' }));
    const gone = await get(again);
    assert.equal(gone.status, 400);
    assert.match(gone.text, /no query named pulses/);
  });

  it('is told of by $explain as what it stands for', async () => {
    const answer = await get(
      'Observation/$explain?_query=pulses&code=8867-4&since=2026&status=final',
    );
    const { parameter: parts } = answer.json() as {
      readonly parameter: readonly { readonly name: string; readonly valueString?: string }[];
    };
    const of = (name: string) =>
      parts.filter((part) => part.name === name).map(({ valueString }) => valueString);
    assert.deepEqual(of('used'), ['_query=pulses', 'code=8867-4', 'since=2026', 'status=final']);
    assert.deepEqual(of('expanded'), ['status=final', 'code=8867-4', 'date=ge2026']);
  });

  it('shows nobody what consent hides', async () => {
    const ask = (caller: Parameters<TestApp['ask']>[0]) =>
      get('Observation?_query=pulses&code=8867-4&_total=accurate', caller);
    const before = await ask(people.otherDoctor);
    assert.deepEqual(idsOf(before), ['new', 'old', 'other']);
    await puts(consent('c', 'b', { type: 'deny', actor: actor('Practitioner/other-doctor') }));
    const after = await ask(people.otherDoctor);
    assert.deepEqual(idsOf(after), ['new', 'old']);
    assert.equal(totalOf(after), 2);
    assert.deepEqual(idsOf(await ask(people.doctor)), ['new', 'old', 'other']);
  });

  it('is refused when it is unknown, twice there or without what it needs, in lenient handling too', async () => {
    for (const [query, element, says] of [
      ['_query=nonsense', '_query', /Observation has no query named nonsense/],
      ['_query=__proto__', '_query', /no query named/],
      [`_query=${'x'.repeat(5000)}`, '_query', /no query named/],
      ['_query=a%20or%20b', '_query', /no query named/],
      ['_query=pulses&_query=pulses&code=1', '_query', /given twice/],
      ['_query=pulses', 'code', /the query pulses needs it/],
      ['_query=pulses&code=', 'code', /needs it/],
      ['_query=pulses&code=1&code=2', 'code', /given twice/],
      ['_query=pulses&code=1&since:missing=true', 'since:missing', /without modifiers/],
      ['_query=pulses&code=1&since=soon', 'since', /Named query pulses: .*date/],
      ['_query:exact=pulses', '_query', /not support/],
      ['_has:Observation:has-member:_query=pulses', '_query', /not support/],
    ] as const) {
      for (const handling of ['strict', 'lenient']) {
        const answer = await server.ask(people.ehr, 'GET', `Observation?${query}`, {
          headers: { prefer: `handling=${handling}` },
        });
        assert.equal(answer.status, 400, `${query}: ${answer.text}`);
        assert.match(answer.text, says);
        assert.ok(answer.text.includes(`"http.${element}"`), answer.text);
      }
    }
    const lenient = await server.ask(
      people.ehr,
      'GET',
      'Observation?_query=pulses&code=8867-4&nonsense=1',
      { headers: { prefer: 'handling=lenient' } },
    );
    assert.equal(lenient.status, 200);
    assert.match(lenient.text, /nonsense is no search parameter/);
    assert.deepEqual(linkOf(lenient, 'self')?.split('?')[1], '_query=pulses&code=8867-4');
    const other = await get('Patient?_query=pulses&code=1');
    assert.match(other.text, /Patient has no query named pulses/);
  });
});
