import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type TestApp } from '../../support/app.ts';
import {
  SYSTEM,
  bundlesOf,
  entry,
  identified,
  observation,
  pathOf,
  patient,
  responses,
  statuses,
  uuid,
  type Response,
} from '../../support/bundles.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());
const { get, post, transact, total } = bundlesOf(() => server);

describe('a transaction', () => {
  it('links what it makes, in cycles, everywhere that R4 says, and nowhere else', async () => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${uuid(2)}">o</a> <img src='${uuid(2)}'/> ${uuid(2)}</div>`;
    const made = await transact([
      entry(
        'POST',
        'Patient',
        patient('cycle', {
          text: { status: 'generated', div },
          contained: [
            {
              resourceType: 'Provenance',
              id: 'c',
              target: [{ reference: uuid(2) }],
              recorded: '2020-01-01T00:00:00Z',
              agent: [{ who: { reference: '#c' } }],
            },
          ],
          extension: [
            { url: 'http://x.org/observation', valueReference: { reference: uuid(2) } },
            { url: 'http://x.org/text', valueString: uuid(2) },
            { url: 'http://x.org/canonical', valueCanonical: uuid(2) },
            { url: 'http://x.org/file', valueAttachment: { url: uuid(2) } },
          ],
          _birthDate: {
            extension: [{ url: 'http://x.org/p', valueReference: { reference: uuid(2) } }],
          },
          photo: [{ url: 'urn:uuid:unknown' }],
        }),
        { fullUrl: uuid(1) },
      ),
      entry('POST', 'Observation', observation(uuid(1), { hasMember: [{ reference: uuid(2) }] }), {
        fullUrl: uuid(2),
      }),
    ]);
    assert.deepEqual(statuses(made), ['201', '201']);
    const [p, o] = [pathOf(made, 0), pathOf(made, 1)];
    const stored = (await get(p)).text;
    assert.equal(stored.split(o).length - 1, 6, stored);
    assert.equal(stored.split(uuid(2)).length - 1, 3);
    assert.ok(stored.includes(`href=\\"${o}\\"`) && stored.includes(`src='${o}'`));
    assert.ok(stored.includes(`"valueString":"${uuid(2)}"`));
    assert.ok(stored.includes(`"valueCanonical":"${uuid(2)}"`));
    const found = (await get(o)).json() as { subject: { reference: string }; hasMember: unknown };
    assert.equal(found.subject.reference, p);
    assert.deepEqual(found.hasMember, [{ reference: o }]);
    assert.equal(await total(`Observation?patient=${p.split('/')[1]}`), 1);
  });

  it('follows relative references to the server that a fullUrl names', async () => {
    const made = await transact([
      entry('POST', 'Patient', patient('rel'), { fullUrl: 'http://old.example/fhir/Patient/7' }),
      entry('POST', 'Observation', observation('Patient/7'), {
        fullUrl: 'http://old.example/fhir/Observation/8',
      }),
      entry('POST', 'Observation', observation('Patient/7'), {
        fullUrl: 'http://new.example/fhir/Observation/8',
      }),
    ]);
    const subject = async (i: number) =>
      ((await get(pathOf(made, i))).json() as { subject: { reference: string } }).subject.reference;
    assert.equal(await subject(1), pathOf(made, 0));
    assert.equal(await subject(2), 'Patient/7');
  });

  it('keeps every other character of the resources', async () => {
    const text = `{ "resourceType" : "Observation",\n "status":"final", "code":{"text":"\\u00e9\\/"}, "subject" : { "reference": "${uuid(1)}" },
      "valueQuantity":{"value" : 1.00, "unit":"x"}, "component":[{"code":{"text":"y"},"valueQuantity":{"value":1E-2}} ] }`;
    const made = await transact(
      [
        entry('POST', 'Patient', patient('lossless'), { fullUrl: uuid(1) }),
        entry('POST', 'Observation', text),
      ],
      people.ehr,
      { prefer: 'return=representation' },
    );
    const [p, o] = [pathOf(made, 0), pathOf(made, 1)];
    const stored = (await get(o)).text;
    const stamped = /"id":"[^"]+","meta":\{[^}]*\},?/;
    assert.match(stored, stamped);
    assert.equal(stored.replace(/,"id":"[^"]+","meta":\{[^}]*\}/, ''), text.replace(uuid(1), p));
    assert.ok(made.text.includes(stored));
  });

  it('deletes, then creates, then updates, then reads, and answers in the order of the request', async () => {
    const before = await transact([
      entry('PUT', 'Patient/order-1', patient('order-1', { id: 'order-1' })),
      entry('PUT', 'Patient/order-2', patient('order-2', { id: 'order-2' })),
    ]);
    assert.deepEqual(statuses(before), ['201', '201']);
    const answer = await transact([
      entry('GET', `Patient?identifier=${SYSTEM}|order-1`),
      entry('GET', 'Patient/order-2'),
      entry('HEAD', 'Patient/order-2'),
      entry('PUT', 'Patient/order-2', patient('order-2', { id: 'order-2', active: true }), {
        ifMatch: 'W/"1"',
      }),
      entry('POST', 'Patient', patient('order-1'), { ifNoneExist: `identifier=${SYSTEM}|order-1` }),
      entry('DELETE', 'Patient/order-1'),
      entry('DELETE', 'Patient/order-none'),
      entry('DELETE', `Patient?identifier=${SYSTEM}|order-none`),
    ]);
    assert.deepEqual(statuses(answer), ['200', '200', '200', '200', '201', '204', '204', '204']);
    const [search, read, head, updated, created] = responses(answer);
    const found = (search?.resource as unknown as Response).entry ?? [];
    assert.deepEqual(
      found.map(({ resource }) => `Patient/${String(resource?.['id'])}`),
      [pathOf(answer, 4)],
    );
    assert.equal(read?.resource?.['active'], true);
    assert.equal(head?.resource, undefined);
    assert.equal(updated?.response.etag, 'W/"2"');
    assert.match(created?.response.location ?? '', /^Patient\/[^/]+\/_history\/1$/);
    assert.ok(Number.isFinite(Date.parse(created?.response.lastModified ?? '')));
    assert.equal((await get('Patient/order-1')).status, 410);
  });

  it('resolves conditions and conditional references', async () => {
    const first = await transact([
      entry('POST', 'Organization', {
        resourceType: 'Organization',
        name: 'X',
        identifier: identified('org'),
      }),
      entry('POST', 'Patient', patient('cond')),
    ]);
    const again = await transact([
      entry('POST', 'Patient', patient('cond'), {
        fullUrl: uuid(1),
        ifNoneExist: `identifier=${SYSTEM}|cond`,
      }),
      entry('PUT', `Patient?identifier=${SYSTEM}|cond-new`, patient('cond-new'), {
        fullUrl: uuid(2),
      }),
      entry(
        'POST',
        'Observation',
        observation(uuid(1), {
          performer: [{ reference: `Organization?identifier=${SYSTEM}|org` }],
        }),
      ),
      entry(
        'POST',
        'Observation',
        observation(uuid(2), { focus: [{ reference: `Patient?identifier=${SYSTEM}|cond-new` }] }),
      ),
    ]);
    assert.deepEqual(statuses(again), ['200', '201', '201', '201']);
    assert.equal(pathOf(again, 0), pathOf(first, 1));
    const one = (await get(pathOf(again, 2))).json() as unknown as {
      subject: { reference: string };
      performer: { reference: string }[];
    };
    assert.equal(one.subject.reference, pathOf(first, 1));
    assert.equal(one.performer[0]?.reference, pathOf(first, 0));
    const two = (await get(pathOf(again, 3))).json() as unknown as {
      focus: { reference: string }[];
    };
    assert.equal(two.focus[0]?.reference, pathOf(again, 1));
  });

  it('patches, with either kind of patch, links and conditions included', async () => {
    const made = await transact([
      entry('PUT', 'Patient/patched', patient('patched', { id: 'patched' })),
      entry('PUT', 'Observation/patched', observation('Patient/patched', { id: 'patched' })),
    ]);
    assert.deepEqual(statuses(made), ['201', '201']);
    const jsonPatch = [{ op: 'add', path: '/active', value: true }];
    const binary = {
      resourceType: 'Binary',
      contentType: 'application/json-patch+json',
      data: Buffer.from(JSON.stringify(jsonPatch)).toString('base64'),
    };
    const part = (name: string, value: object) => ({ name, ...value });
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        part('operation', {
          part: [
            part('type', { valueCode: 'replace' }),
            part('path', { valueString: 'Observation.subject' }),
            part('value', { valueReference: { reference: uuid(1) } }),
          ],
        }),
      ],
    };
    const answer = await transact([
      entry('PATCH', `Patient?identifier=${SYSTEM}|patched`, binary),
      entry('PATCH', 'Observation/patched', parameters, { ifMatch: 'W/"1"' }),
      entry('POST', 'Patient', patient('patched-to'), { fullUrl: uuid(1) }),
    ]);
    assert.deepEqual(statuses(answer), ['200', '200', '201']);
    const observed = (await get('Observation/patched')).json() as {
      subject: { reference: string };
    };
    assert.equal(observed.subject.reference, pathOf(answer, 2));
    assert.equal((await get('Patient/patched')).json()['active'], true);
    const alone = await post('batch', [
      entry('PATCH', 'Patient/patched', binary),
      entry('PATCH', 'Patient/nobody', binary),
      entry('PATCH', `Patient?identifier=${SYSTEM}|nobody`, binary),
    ]);
    assert.deepEqual(statuses(alone), ['200', '404', '404']);
    const refused = await transact([
      entry('POST', 'Patient', patient('patched-not')),
      entry('PATCH', 'Observation/patched', parameters, { ifMatch: 'W/"1"' }),
    ]);
    assert.equal(refused.status, 412, refused.text);
    assert.equal(await total(`Patient?identifier=${SYSTEM}|patched-not`), 0);
  });
});
