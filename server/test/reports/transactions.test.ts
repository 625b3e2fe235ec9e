import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { placeOf, reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
});
afterAll(() => world.server.close());

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const post = (resource: { resourceType: string }, fullUrl?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType },
});
const put = (resource: { resourceType: string }, url: string) => ({
  resource,
  request: { method: 'PUT', url },
});
const urn = (n: number) => `urn:uuid:2f1d4a86-93b0-4c5e-8f77-a0c1d2e3f40${n}`;

async function refused(entry: readonly object[], statuses: readonly number[]): Promise<void> {
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  const answer = await world.ask('POST', '', { body });
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.text}`);
}

describe('what a transaction puts in place of its own addresses', () => {
  // LinuxForHealth/FHIR#2993
  it('are references, uris and the links of narratives, but no canonical', async () => {
    const link = `<a href="${urn(1)}">who</a> <img src="${urn(2)}" alt="i"/>`;
    const answers = await world.bundle('transaction', [
      post({ resourceType: 'Patient' }, urn(1)),
      post({ resourceType: 'Binary', contentType: 'image/gif', data: 'R0lGODlh' } as never, urn(2)),
      post(
        {
          ...observation,
          text: {
            status: 'generated',
            div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${link}</p></div>`,
          },
          extension: [
            { url: 'http://example.org/about', valueUri: urn(1) },
            { url: 'http://example.org/defined-by', valueCanonical: urn(1) },
          ],
          subject: { reference: urn(1) },
        } as never,
        urn(3),
      ),
    ]);
    const [patient, image, place] = [0, 1, 2].map((i) => placeOf(answers[i]));
    const { text, extension, subject } = (await world.read(place ?? '')) as {
      text: { div: string };
      extension: { valueUri?: string; valueCanonical?: string }[];
      subject: { reference: string };
    };
    assert.ok(subject.reference.endsWith(patient ?? '?'));
    assert.ok(extension[0]?.valueUri?.endsWith(patient ?? '?'));
    assert.equal(extension[1]?.valueCanonical, urn(1));
    assert.match(text.div, new RegExp(`href="[^"]*${patient}".*src="[^"]*${image}"`));
  });

  // samply/blaze#809
  it('is not Type/id of an entry without fullUrl: its id is given by the server, and the reference stays', async () => {
    const answers = await world.bundle('transaction', [
      post({ resourceType: 'Patient', id: '17' } as never),
      post({ ...observation, subject: { reference: 'Patient/17' } } as never),
    ]);
    const [patient, place] = answers.map(placeOf);
    assert.notEqual(patient, 'Patient/17');
    const { subject } = (await world.read(place ?? '')) as { subject: { reference: string } };
    assert.equal(subject.reference, 'Patient/17');
  });

  // microsoft/fhir-server#1175
  it('is a search in a reference, for what the same transaction creates', async () => {
    const identifier = (value: string) => [{ system: 'urn:trial', value }];
    const answers = await world.bundle('transaction', [
      {
        fullUrl: urn(4),
        ...put(
          { resourceType: 'Organization', identifier: identifier('payer'), name: 'P' } as never,
          'Organization?identifier=urn:trial|payer',
        ),
      },
      {
        fullUrl: urn(5),
        ...put(
          {
            resourceType: 'ResearchStudy',
            identifier: identifier('t1'),
            status: 'active',
            sponsor: { reference: 'Organization?identifier=urn:trial|payer' },
          } as never,
          'ResearchStudy?identifier=urn:trial|t1',
        ),
      },
    ]);
    const [payer, study] = answers.map(placeOf);
    const { sponsor } = (await world.read(study ?? '')) as { sponsor: { reference: string } };
    assert.ok(sponsor.reference.endsWith(payer ?? '?'), sponsor.reference);
  });
});

describe('a transaction', () => {
  // hapifhir/hapi-fhir#8183
  it('in which two conditional updates mean the same resource is refused, and writes nothing', async () => {
    const url = 'Encounter?identifier=urn:stay|8';
    const stay = (status: string) => ({
      resourceType: 'Encounter',
      status,
      class: { code: 'IMP' },
      identifier: [{ system: 'urn:stay', value: '8' }],
    });
    await refused(
      [
        { fullUrl: urn(6), ...put(stay('planned'), url) },
        { fullUrl: urn(7), ...put(stay('arrived'), url) },
      ],
      [400, 409, 412, 422],
    );
    const { bundle } = await world.find(`${url}&_summary=count`);
    assert.equal(bundle['total'], 0);
    const answers = await world.bundle('transaction', [put(stay('planned'), url)]);
    assert.match(answers[0]?.response.status ?? '', /^201/);
  });

  // microsoft/fhir-server#2337, hapifhir/hapi-fhir#6900
  it('deletes what refers to one another, and brings it back in any order', async () => {
    const chain = ['link-1', 'link-2', 'link-3'];
    const link = (i: number) => ({
      ...observation,
      id: chain[i],
      ...(i === 0 ? {} : { focus: [{ reference: `Observation/${chain[i - 1]}` }] }),
    });
    for (const i of [0, 1, 2]) await world.put('Observation', chain[i] ?? '', link(i));
    await world.bundle(
      'transaction',
      chain.map((id) => ({ request: { method: 'DELETE', url: `Observation/${id}` } })),
    );
    assert.equal((await world.ask('GET', 'Observation/link-2')).status, 410);
    const answers = await world.bundle(
      'transaction',
      [2, 1, 0].map((i) => put(link(i), `Observation/${chain[i]}`)),
    );
    const [{ response } = { response: undefined }] = answers;
    assert.match(response?.status ?? '', /^201/);
    assert.equal(response?.etag, 'W/"3"');
    const { meta } = (await world.read('Observation/link-2')) as { meta: { versionId: string } };
    assert.equal(meta.versionId, '3');
  });

  // hapifhir/hapi-fhir#3668
  it('patches what criteria in the URL select', async () => {
    await world.put('Patient', 'patched', {
      identifier: [{ system: 'urn:patch', value: 'a' }],
      active: true,
    });
    const part = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Patient.active' },
      { name: 'value', valueBoolean: false },
    ];
    const answers = await world.bundle('transaction', [
      {
        resource: { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] },
        request: { method: 'PATCH', url: 'Patient?identifier=urn:patch|a' },
      },
    ]);
    assert.match(answers[0]?.response.status ?? '', /^200/);
    const { active, meta } = (await world.read('Patient/patched')) as {
      active: boolean;
      meta: { versionId: string };
    };
    assert.deepEqual([active, meta.versionId], [false, '2']);
  });

  // medplum/medplum#5579
  it('does nothing when a patch in it appends to a list that is not there', async () => {
    const headers = { 'content-type': 'application/json-patch+json' };
    const patch = (operations: readonly object[]) =>
      world.ask('PATCH', 'ResearchStudy/study', { body: JSON.stringify(operations), headers });
    const artifact = (label: string) => ({ type: 'documentation', label });
    const append = { op: 'add', path: '/relatedArtifact/-', value: artifact('b') };
    await world.put('ResearchStudy', 'study', { status: 'active' });
    const alone = await patch([append]);
    assert.ok([400, 409, 422].includes(alone.status), alone.text);
    assert.match(alone.text, /Operation 0|relatedArtifact/);

    const data = Buffer.from(JSON.stringify([append])).toString('base64');
    const inBundle = {
      resource: { resourceType: 'Binary', contentType: headers['content-type'], data },
      request: { method: 'PATCH', url: 'ResearchStudy/study' },
    };
    const beside = { resourceType: 'Patient', identifier: [{ value: 'beside' }] };
    await refused([post(beside), inBundle], [400, 409, 422]);
    assert.deepEqual((await world.find('Patient?identifier=beside')).ids, []);

    const list = { op: 'add', path: '/relatedArtifact', value: [artifact('a')] };
    const both = await patch([list, append]);
    assert.equal(both.status, 200, both.text);
    const { relatedArtifact } = both.json() as { relatedArtifact: { label: string }[] };
    assert.deepEqual(
      relatedArtifact.map(({ label }) => label),
      ['a', 'b'],
    );
  });

  // microsoft/fhir-server#3821, fhirbase/fhirbase-plv8#128
  it('and a batch read versions and histories', async () => {
    await world.put('Patient', 'twice', { active: true });
    assert.equal((await world.put('Patient', 'twice', { active: false })).status, 200);
    const get = (url: string) => ({ request: { method: 'GET', url } });
    const [history, first] = await world.bundle('batch', [
      get('Patient/twice/_history'),
      get('Patient/twice/_history/1'),
    ]);
    assert.match(history?.response.status ?? '', /^200/);
    assert.deepEqual([history?.resource?.['type'], history?.resource?.['total']], ['history', 2]);
    assert.equal(first?.resource?.['active'], true);
    const [again] = await world.bundle('transaction', [get('Patient/twice/_history/1')]);
    assert.equal(again?.resource?.['active'], true);
  });
});
