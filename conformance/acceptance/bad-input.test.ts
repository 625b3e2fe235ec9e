import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { ask, outcomeOf, put, type Ask } from './support/fhir-client.ts';

const id = 'bad-input';
const path = `Patient/${id}`;
const valid = { resourceType: 'Patient', id, birthDate: '1990-01-01' };

interface Case {
  readonly name: string;
  readonly request: Ask & { readonly path?: string };
  readonly status: number | readonly number[];
  /** What the OperationOutcome must say, to name the place. */
  readonly says: RegExp;
}

const write = (body: string, more: Partial<Ask> = {}): Ask => ({ method: 'PUT', body, ...more });
/** A valid Patient but for its depth: `levels` extensions, each inside the one before. */
const nested = (levels: number, ofId = id): string => {
  const open = '{"url":"http://example.org/x","extension":['.repeat(levels);
  const innermost = '{"url":"http://example.org/x","valueString":"deep"}';
  return `{"resourceType":"Patient","id":"${ofId}","extension":[${open}${innermost}${']}'.repeat(levels)}]}`;
};

const refusedWrites: readonly Case[] = [
  {
    name: 'broken JSON',
    request: write('{"resourceType":"Patient","id":'),
    status: 400,
    says: /JSON|end|character|offset|position/i,
  },
  { name: 'a body that is no object', request: write('[1]'), status: [400, 422], says: /object/i },
  { name: 'an empty body', request: write(' '), status: 400, says: /./ },
  {
    name: 'a duplicate key',
    request: write(`{"resourceType":"Patient","id":"${id}","gender":"male","gender":"female"}`),
    status: [400, 422],
    says: /gender/,
  },
  {
    name: 'a wrong primitive type',
    request: write(JSON.stringify({ ...valid, active: 'yes' })),
    status: [400, 422],
    says: /active/,
  },
  {
    name: 'a date that is none',
    request: write(JSON.stringify({ ...valid, birthDate: '1990-13-45' })),
    status: [400, 422],
    says: /birthDate/,
  },
  {
    name: 'an unknown element',
    request: write(JSON.stringify({ ...valid, favouriteColour: 'blue' })),
    status: [400, 422],
    says: /favouriteColour/,
  },
  {
    name: 'an object in place of an array',
    request: write(JSON.stringify({ ...valid, name: { family: 'X' } })),
    status: [400, 422],
    says: /name/,
  },
  {
    name: 'a missing required element',
    request: {
      ...write(JSON.stringify({ resourceType: 'Observation', id, code: { text: 'x' } })),
      path: `Observation/${id}`,
    },
    status: [400, 422],
    says: /status/,
  },
  {
    name: 'another resource type than the path',
    request: write(JSON.stringify({ resourceType: 'Observation', id })),
    status: [400, 422],
    says: /resourceType|Patient|Observation/,
  },
  {
    name: 'another id than the path',
    request: write(JSON.stringify({ ...valid, id: 'other' })),
    status: [400, 422],
    says: /id/,
  },
  { name: 'depth 200', request: write(nested(100)), status: [400, 422], says: /depth|deep|nest/i },
  {
    name: 'a body over the limit',
    request: write(JSON.stringify({ ...valid, name: [{ family: 'x'.repeat(17 * 1024 * 1024) }] })),
    status: 413,
    says: /large|limit|bytes/i,
  },
  {
    name: 'bytes that are not UTF-8',
    request: {
      method: 'PUT',
      body: Buffer.from([
        ...Buffer.from(`{"resourceType":"Patient","id":"${id}","gender":"`),
        0xff,
        ...Buffer.from('"}'),
      ]),
    },
    status: [400, 422],
    says: /UTF-8/i,
  },
  {
    name: 'another format',
    request: write('<http://patient.test/1> a <http://hl7.org/fhir/Patient> .', {
      headers: { 'content-type': 'text/turtle' },
    }),
    status: 415,
    says: /./,
  },
  {
    name: 'a wrong If-Match for what does not exist',
    request: write(JSON.stringify(valid), { headers: { 'if-match': 'W/"7"' } }),
    status: [404, 412],
    says: /version|match|no such|exist/i,
  },
  {
    name: 'an If-Match that is no version',
    request: write(JSON.stringify(valid), { headers: { 'if-match': 'yesterday' } }),
    status: [400, 412],
    says: /If-Match/i,
  },
];

describe('bad input', () => {
  for (const { name, request, status, says } of refusedWrites) {
    it(`${name} is refused with the place named, and nothing is stored`, async () => {
      const target = request.path ?? path;
      const answer = await ask('system', target, request);
      assert.match(outcomeOf(answer, status), says);
      assert.equal((await ask('system', target)).status, 404, 'nothing was stored');
    });
  }

  it('the same resource without fault is taken', async () => {
    const resource = { ...valid, id: 'good-input' };
    assert.ok([200, 201].includes((await put('system', resource)).status));
    const shallow = nested(10, 'good-nesting');
    const answer = await ask('system', 'Patient/good-nesting', { method: 'PUT', body: shallow });
    assert.equal(answer.status, 201, answer.text);
  });

  it('an update of an outdated version is refused and changes nothing', async () => {
    const resource = { ...valid, id: 'outdated' };
    assert.ok([200, 201].includes((await put('system', resource)).status));
    const current = await ask('system', 'Patient/outdated');
    const etag = current.headers.get('etag') ?? '';
    assert.equal(
      (
        await put('system', { ...resource, gender: 'male' } as typeof resource, {
          headers: { 'if-match': etag },
        })
      ).status,
      200,
    );
    const late = await put('system', { ...resource, gender: 'female' } as typeof resource, {
      headers: { 'if-match': etag },
    });
    assert.match(outcomeOf(late, 412), /version|match/i);
    assert.match((await ask('system', 'Patient/outdated')).text, /"male"/);
  });

  it('an unknown resource type is 404 for every interaction', async () => {
    for (const options of [{}, { method: 'POST', body: '{"resourceType":"Potion"}' }] as const) {
      assert.match(outcomeOf(await ask('system', 'Potion', options), 404), /Potion/);
    }
    assert.match(outcomeOf(await ask('system', 'Potion/1'), 404), /Potion/);
    outcomeOf(await ask('system', `Patient/${'x'.repeat(65)}`), [400, 404]);
  });

  it('an unknown search parameter is refused, and left out when the client is lenient', async () => {
    const asked = 'Patient?favourite-colour=blue&_id=demo-b';
    assert.match(outcomeOf(await ask('doctor', asked), 400), /favourite-colour/);
    const strict = await ask('doctor', asked, { headers: { prefer: 'handling=strict' } });
    assert.match(outcomeOf(strict, 400), /favourite-colour/);
    const lenient = await ask('doctor', asked, { headers: { prefer: 'handling=lenient' } });
    assert.equal(lenient.status, 200, lenient.text);
    const bundle = JSON.parse(lenient.text) as { link: { relation: string; url: string }[] };
    const self = bundle.link.find((link) => link.relation === 'self')?.url ?? '';
    assert.ok(!self.includes('favourite-colour'), 'the self link tells what was searched by');
    assert.ok(self.includes('_id=demo-b'));
  });

  it('a bad value of a search parameter names the parameter', async () => {
    for (const [query, name] of [
      ['birthdate=tomorrow', 'birthdate'],
      ['_count=many', '_count'],
      ['_lastUpdated=ab2020', '_lastUpdated'],
      ['_sort=favourite-colour', '_sort|favourite-colour'],
      ['name:loud=x', 'name:loud|loud'],
    ] as const) {
      assert.match(
        outcomeOf(await ask('doctor', `Patient?${query}`), 400),
        new RegExp(name),
        query,
      );
    }
  });

  it('says what it cannot speak', async () => {
    outcomeOf(await ask('doctor', 'Patient/demo-b', { headers: { accept: 'text/turtle' } }), 406);
    const patched = await ask('system', 'Patient/demo-b', {
      method: 'PATCH',
      body: 'gender=male',
      headers: { 'content-type': 'text/plain' },
    });
    outcomeOf(patched, 415);
  });
});
