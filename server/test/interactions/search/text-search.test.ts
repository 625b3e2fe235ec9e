import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import { idsOf, observation, patient } from '../../support/clinical-samples.ts';

let server: TestApp;
const ask = (path: string): Promise<Answer> => server.ask(people.doctor, 'GET', path);
const worded = (id: string, div: string, note: string) => ({
  ...observation(id, 'b', '1-1'),
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` },
  note: [{ text: note }, { text: 'Second note' }],
});

beforeAll(async () => {
  server = await startApp();
  for (const resource of [
    patient('b', 'Berg'),
    worded('bone', '<p>Bone <b>meta</b>stases &amp; fracture</p><p>Hip</p>', 'Röntgen of the hip'),
    worded('liver', '<p>Liver metastases</p>', 'no finding'),
    { ...observation('plain', 'b', '1-1'), note: [{ text: 'fracture of the arm' }] },
  ]) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    assert.equal(answer.status, 201, answer.text);
  }
});
afterAll(() => server.close());

describe('_text and _content', () => {
  for (const [query, ids] of [
    ['_text=metastases', ['bone', 'liver']],
    ['_text=METASTASES bone', ['bone']],
    ['_text=(bone OR liver) and metastases', ['bone', 'liver']],
    ['_text=metastases NOT liver', ['bone']],
    ['_text="liver metastases"', ['liver']],
    ['_text="metastases liver"', []],
    ['_text="metastases fracture"', ['bone']],
    ['_text=bone,liver', ['bone', 'liver']],
    ['_text=meta', []],
    ['_text=hip', ['bone']],
    ['_text=rontgen', []],
    ['_content=rontgen', ['bone']],
    ['_content=fracture', ['bone', 'plain']],
    ['_content="fracture of the arm"', ['plain']],
    ['_content="hip second"', []],
    ['_content=hip second', ['bone']],
    ['_content=1-1 final', ['bone', 'liver', 'plain']],
    ['_content=div', []],
    ['_content=fracture&_text=bone', ['bone']],
    ['_content=fracture&_total=accurate&code=1-1', ['bone', 'plain']],
  ] as const) {
    it(query, async () => {
      const [name = '', ...rest] = query.split('=');
      const [value = '', ...more] = rest.join('=').split('&');
      const path = `Observation?${[`${name}=${encodeURIComponent(value)}`, ...more].join('&')}`;
      const answer = await ask(path);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(idsOf(answer), ids);
    });
  }

  it('search several types, and through references', async () => {
    assert.deepEqual(idsOf(await ask('?_content=fracture')), ['bone', 'plain']);
    assert.deepEqual(idsOf(await ask('Patient?_has:Observation:patient:_text=liver')), ['b']);
    assert.deepEqual(idsOf(await ask('Observation?patient._content=berg')), [
      'bone',
      'liver',
      'plain',
    ]);
  });

  it('follow what is written', async () => {
    const body = JSON.stringify(worded('liver', '<p>Nothing</p>', 'gone'));
    assert.equal((await server.ask(people.ehr, 'PUT', 'Observation/liver', { body })).status, 200);
    assert.deepEqual(idsOf(await ask('Observation?_text=metastases')), ['bone']);
    assert.deepEqual(idsOf(await ask('Observation?_text=nothing')), ['liver']);
  });

  it('refuse what means nothing, naming the parameter', async () => {
    for (const value of ['()', '(a', 'a)', '"a', 'and', 'a or', '...', 'not']) {
      const answer = await ask(`Observation?_text=${encodeURIComponent(value)}`);
      assert.equal(answer.status, 400, value);
      assert.match(answer.text, /"expression":\["http\._text"\]/);
    }
    assert.equal((await ask('Observation?_text:exact=a')).status, 400);
    assert.equal((await ask('Bundle?_text=a')).status, 400);
  });
});
