import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  BASE,
  people,
  startApp,
  type Answer,
  type Caller,
  type TestApp,
} from '../../support/app.ts';
import {
  entriesOf,
  observation,
  patient,
  putsTo,
  type Resource,
} from '../../support/clinical-samples.ts';

let server: TestApp;

const put = putsTo(() => server);

type Relation = 'self' | 'first' | 'previous' | 'next' | 'last';

function linksOf(answer: Answer): Partial<Record<Relation, string>> {
  const { link } = answer.json() as { link: { relation: Relation; url: string }[] };
  return Object.fromEntries(
    link.map(({ relation, url }) => {
      assert.ok(url.startsWith(`${BASE}/`), url);
      return [relation, url.slice(BASE.length + 1)];
    }),
  );
}

const ids = (answer: Answer): readonly string[] =>
  entriesOf(answer).map(({ resource }) => resource.id);

const get = (path: string | undefined, caller: Caller = people.doctor): Promise<Answer> => {
  assert.ok(path !== undefined, 'the link is missing');
  return server.ask(caller, 'GET', path);
};

const valued = (id: string, of: string, value: number): Resource => ({
  ...observation(id, of, '1-1'),
  valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'mg', unit: 'mg' },
});

async function listening(): Promise<number> {
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  return (server.app.server.address() as AddressInfo).port;
}

beforeAll(async () => {
  server = await startApp();
  await put(
    patient('a', 'Ahorn'),
    patient('b', 'Berg'),
    ...['1', '2', '3', '4', '5', '6', '7'].map((id, i) =>
      valued(id, i % 2 === 0 ? 'a' : 'b', 10 - i),
    ),
  );
});
afterAll(() => server.close());

describe('page links', () => {
  it('lead in both directions and to both ends', async () => {
    const first = await get('Observation?_sort=value-quantity&_count=3&_total=accurate');
    assert.deepEqual(ids(first), ['7', '6', '5']);
    assert.deepEqual(Object.keys(linksOf(first)), ['self', 'first', 'next', 'last']);
    const second = await get(linksOf(first).next);
    assert.deepEqual(ids(second), ['4', '3', '2']);
    assert.deepEqual(Object.keys(linksOf(second)), ['self', 'first', 'previous', 'next', 'last']);
    const third = await get(linksOf(second).next);
    assert.deepEqual(ids(third), ['1']);
    assert.deepEqual(Object.keys(linksOf(third)), ['self', 'first', 'previous', 'last']);
    assert.deepEqual(ids(await get(linksOf(third).previous)), ['4', '3', '2']);
    const last = await get(linksOf(first).last);
    assert.deepEqual(ids(last), ['3', '2', '1']);
    assert.deepEqual(ids(await get(linksOf(last).previous)), ['6', '5', '4']);
    assert.deepEqual(ids(await get(linksOf(third).first)), ['7', '6', '5']);
    for (const page of [second, third, last]) {
      assert.equal((page.json() as { total?: number }).total, 7);
      assert.deepEqual(ids(await get(linksOf(page).self)), ids(page));
    }
  });

  it('allow another size of pages, in both directions', async () => {
    const first = await get('Observation?_sort=-value-quantity&_count=2');
    const next = linksOf(first).next?.replace('_count=2', '_count=4');
    const page = await get(next);
    assert.deepEqual(ids(page), ['3', '4', '5', '6']);
    const back = await get(linksOf(page).previous?.replace('_count=4', '_count=1'));
    assert.deepEqual(ids(back), ['2']);
  });

  it('lead on from forms that are longer than most requests', async () => {
    const port = await listening();
    const at = (url: string): string => url.replace(BASE, `http://127.0.0.1:${port}/fhir`);
    const authorization = `Bearer ${await server.token(people.doctor)}`;
    const many = (...also: string[]): string =>
      [
        ...also,
        ...Array.from({ length: 210 }, (_, i) => `http://example.org/code/systems/|${1000 + i}`),
      ].join();
    const form = new URLSearchParams({ code: many('1-1'), 'code:not': many(), _count: '2' });
    const found: string[] = [];
    let answer = await fetch(at(`${BASE}/Observation/_search`), {
      method: 'POST',
      headers: { authorization },
      body: form,
    });
    for (;;) {
      assert.equal(answer.status, 200, await answer.clone().text());
      const { entry, link } = (await answer.json()) as {
        entry: { resource: { id: string } }[];
        link: { relation: string; url: string }[];
      };
      found.push(...entry.map(({ resource }) => resource.id));
      const next = link.find(({ relation }) => relation === 'next')?.url;
      if (next === undefined) break;
      assert.ok(next.length > 16_384, `${next.length}`);
      answer = await fetch(at(next), { headers: { authorization } });
    }
    assert.deepEqual(found, ['1', '2', '3', '4', '5', '6', '7']);
  });

  it('are absent where everything is on one page', async () => {
    assert.deepEqual(Object.keys(linksOf(await get('Observation?_count=7'))), ['self']);
    assert.deepEqual(Object.keys(linksOf(await get('Observation?_count=0'))), ['self']);
  });

  it('open for their caller and their search alone', async () => {
    const search = 'Observation?code=1-1&subject=Patient/a&_sort=value-quantity&_count=2';
    const next = linksOf(await get(search)).next ?? '';
    const cursor = new URLSearchParams(next.slice(next.indexOf('?'))).get('_cursor') ?? '';
    assert.equal((await get(next)).status, 200);
    const refused = async (path: string, caller: Caller = people.doctor): Promise<void> => {
      const answer = await get(path, caller);
      assert.equal(answer.status, 400, path);
      assert.match(answer.text, /"http\._cursor"/);
    };
    await refused(next, people.otherDoctor);
    await refused(next, people.ehr);
    await refused(next, { ...people.doctor, msp: 'PharmacyMSP' });
    const other = (from: string, to: string): string => {
      assert.ok(next.includes(from), next);
      return next.replace(from, to);
    };
    await refused(other('code=1-1', 'code=2-2'));
    await refused(other('code=1-1&', ''));
    await refused(other('Patient/a', 'Patient/b'));
    await refused(other('_sort=value-quantity', '_sort=-value-quantity'));
    await refused(other('code=1-1', 'code=1-1&_include=Observation:subject'));
    await refused(other('code=1-1', 'code=1-1&_elements=code'));
    await refused(`Patient?_cursor=${cursor}`);
    await refused(`Observation?_cursor=${cursor}`);
    await refused(`${next}A`);
    await refused(`Observation?code=1-1&_cursor=AAAA`);
    assert.equal((await get(next)).status, 200);
  });

  it('show what was current when the first page was asked for, in the versions of then', async () => {
    await put(...['x1', 'x2', 'x3', 'x4'].map((id) => valued(id, 'a', 100)));
    const search = 'Observation?value-quantity=gt50&_count=1&_sort=_id&_total=accurate';
    const first = await get(search);
    assert.deepEqual(ids(first), ['x1']);
    await put(valued('x2', 'a', 1), valued('x0', 'a', 200), valued('x5', 'a', 200));
    assert.equal((await server.ask(people.ehr, 'DELETE', 'Observation/x3')).status, 204);
    const found: string[] = [];
    for (let page = first; ; page = await get(linksOf(page).next)) {
      const [entry] = entriesOf(page);
      const resource = entry?.resource as { id: string; meta: { versionId: string } } | undefined;
      assert.ok(resource);
      found.push(`${resource.id}/${resource.meta.versionId}`);
      assert.equal((page.json() as { total?: number }).total, 4);
      if (linksOf(page).next === undefined) break;
    }
    assert.deepEqual(found, ['x1/1', 'x2/1', 'x3/1', 'x4/1']);
    assert.deepEqual(ids(await get('Observation?value-quantity=gt50&_sort=_id')), [
      'x0',
      'x1',
      'x4',
      'x5',
    ]);
  });
});

describe('chained sort keys', () => {
  it('sort by what is referred to', async () => {
    const sorted = async (key: string): Promise<readonly string[]> =>
      ids(await get(`Observation?value-quantity=lt50&_count=20&_sort=${key},_id&_id:not=x2`));
    assert.deepEqual(await sorted('subject:Patient.family'), ['1', '3', '5', '7', '2', '4', '6']);
    assert.deepEqual(await sorted('-patient.name'), ['2', '4', '6', '1', '3', '5', '7']);
    assert.deepEqual(await sorted('patient._id'), ['1', '3', '5', '7', '2', '4', '6']);
    for (const key of [
      'subject:Patient.none',
      'code.name',
      'none.name',
      'subject:Encounter.date',
    ]) {
      const answer = await get(`Observation?_sort=${key}`);
      assert.equal(answer.status, 400, key);
      assert.match(answer.text, /"http\._sort"/);
    }
  });

  it('need scopes for the type they lead to', async () => {
    const caller = { ...people.doctor, scope: 'user/Observation.rs' };
    const path = 'Observation?_sort=subject:Patient.family';
    assert.equal((await get(path, caller)).status, 403);
    const more = { ...caller, scope: 'user/Observation.rs user/Patient.rs' };
    assert.equal((await get(path, more)).status, 200);
  });
});

describe('page links whose time is over', () => {
  it('are gone, and say what to do', async () => {
    const other = server;
    server = await startApp({ CHARTSEAL_PAGE_LINKS: '1' });
    try {
      await put(patient('a', 'Ahorn'), valued('1', 'a', 1), valued('2', 'a', 2));
      const { next } = linksOf(await get('Observation?_count=1'));
      assert.deepEqual(ids(await get(next)), ['2']);
      await put(valued('2', 'a', 3));
      assert.deepEqual(ids(await get(next)), ['2']);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const late = await get(next);
      assert.equal(late.status, 410);
      assert.match(late.text, /search again/);
      assert.match(late.text, /"http\._cursor"/);
      assert.deepEqual(ids(await get('Observation?_count=2')), ['1', '2']);
    } finally {
      await server.close();
      server = other;
    }
  });
});
