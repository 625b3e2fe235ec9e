import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { OperationOutcome } from 'fhir/r4.js';
import { people, startApp, type Answer, type TestApp } from '../support/app.ts';

const PROFILE = 'http://example.org/StructureDefinition/named-patient';
const profile = {
  resourceType: 'StructureDefinition',
  url: PROFILE,
  name: 'NamedPatient',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
};

const parameter = {
  resourceType: 'SearchParameter',
  url: 'http://example.org/SearchParameter/nick',
  name: 'nick',
  status: 'active',
  description: 'Nicknames',
  code: 'nick',
  base: ['Patient'],
  type: 'string',
  expression: "Patient.extension.where(url='http://example.org/nick').value",
};

let server: TestApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chartseal-package-'));
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package', 'package.json'), '{"name":"test.ig","version":"1.0.0"}');
  writeFileSync(join(folder, 'package', 'profile.json'), JSON.stringify(profile));
  writeFileSync(join(folder, 'package', 'parameter.json'), JSON.stringify(parameter));
  server = await startApp({ CHARTSEAL_PACKAGES: folder });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const NAMED = { resourceType: 'Patient', id: 'v', name: [{ text: 'A' }] };
const NAMELESS = { resourceType: 'Patient', id: 'v' };

function post(path: string, body: object): Promise<Answer> {
  return server.ask(people.ehr, 'POST', path, { body: JSON.stringify(body) });
}

function severities(answer: Answer): readonly string[] {
  assert.equal(answer.status, 200, answer.text);
  const outcome = answer.json() as unknown as OperationOutcome;
  assert.equal(outcome.resourceType, 'OperationOutcome');
  return outcome.issue.map(({ severity }) => severity);
}

const parameters = (resource: object, more: object[] = []): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'resource', resource }, ...more],
});

describe('$validate', () => {
  it('judges a resource, or the one in Parameters, and stores nothing', async () => {
    assert.ok(!severities(await post('Patient/$validate', NAMED)).includes('error'));
    const wrong = { ...NAMED, gender: 'green' };
    for (const body of [wrong, parameters(wrong)]) {
      assert.ok(severities(await post('Patient/$validate', body)).includes('error'));
    }
    assert.equal((await server.ask(people.ehr, 'GET', 'Patient/v')).status, 404);
  });

  it('checks the profile that is asked for, from a loaded package', async () => {
    const query = `Patient/$validate?profile=${encodeURIComponent(PROFILE)}`;
    assert.ok(!severities(await post(query, NAMED)).includes('error'));
    assert.ok(severities(await post(query, NAMELESS)).includes('error'));
    const inside = parameters(NAMELESS, [{ name: 'profile', valueUri: PROFILE }]);
    const answer = await post('Patient/$validate', inside);
    assert.ok(severities(answer).includes('error'));
    assert.match(answer.text, /"expression":\["Patient.name"\]/);
    assert.ok(severities(await post(`${query}-unknown`, NAMED)).includes('error'));
  });

  it('of an update wants the id, of a stored resource reads it', async () => {
    assert.ok(
      severities(await post('Patient/other/$validate?mode=update', NAMED)).includes('error'),
    );
    assert.ok(!severities(await post('Patient/v/$validate?mode=update', NAMED)).includes('error'));
    const missing = await server.ask(people.ehr, 'GET', 'Patient/v-stored/$validate');
    assert.equal(missing.status, 404);
    const body = JSON.stringify({ ...NAMELESS, id: 'v-stored' });
    assert.equal((await server.ask(people.ehr, 'PUT', 'Patient/v-stored', { body })).status, 201);
    const stored = await server.ask(people.ehr, 'GET', 'Patient/v-stored/$validate');
    assert.ok(!severities(stored).includes('error'));
    const query = `Patient/v-stored/$validate?mode=profile&profile=${encodeURIComponent(PROFILE)}`;
    assert.ok(severities(await server.ask(people.ehr, 'GET', query)).includes('error'));
    assert.equal((await server.ask(people.patientB, 'GET', query)).status, 404);
  });

  it('says what a write would say, of what is sent and of what is stored', async () => {
    const issuesOf = (answer: Answer) =>
      (answer.json() as unknown as OperationOutcome).issue.map(
        ({ severity, diagnostics }) => `${severity}: ${diagnostics}`,
      );
    const guided = { ...parameter, id: 'w', code: 'family', expression: 'Patient.name.family' };
    // Whose data it is hangs on what is stored, of which $validate tells nothing.
    const task = { resourceType: 'Task', status: 'requested', intent: 'order' };
    for (const [resource, says] of [
      [{ ...task, id: 'w', for: { reference: 'Patient/w' } }, /no tasks by/],
      [{ resourceType: 'Library', id: 'w', status: 'draft', type: { text: 'x' } }, /is not run/],
      [guided, /information: R4 defines family of Patient/],
    ] as const) {
      const { resourceType: type } = resource;
      const written = await server.ask(people.ehr, 'PUT', `${type}/w`, {
        body: JSON.stringify(resource),
        headers: { prefer: 'return=OperationOutcome' },
      });
      assert.equal(written.status, 201, written.text);
      const [, ...told] = issuesOf(written);
      assert.match(told.join('\n'), says);
      const sent = issuesOf(await post(`${type}/$validate`, resource));
      const stored = issuesOf(await server.ask(people.ehr, 'GET', `${type}/w/$validate`));
      assert.deepEqual(stored, sent);
      for (const each of told) assert.ok(sent.includes(each), `${each} of ${sent.join('\n')}`);
    }
  });

  it('and a write name all that a resource is refused for', async () => {
    const wrong = {
      resourceType: 'Subscription',
      status: 'active',
      criteria: 'Observation?status=final',
      channel: { type: 'rest-hook', endpoint: 'https://portal.test/hook' },
    };
    for (const answer of [
      await post('Subscription', wrong),
      await post('Subscription/$validate', wrong),
    ]) {
      assert.match(answer.text, /"expression":\["Subscription\.reason"\]/);
      assert.match(answer.text, /"expression":\["Subscription\.status"\]/);
    }
  });

  it('refuses what is no call', async () => {
    assert.equal((await post('Patient/$validate?mode=guess', NAMED)).status, 400);
    assert.equal((await post('Patient/$validate', parameters(NAMED).valueOf())).status, 200);
    const nothing = {
      resourceType: 'Parameters',
      parameter: [{ name: 'mode', valueCode: 'create' }],
    };
    assert.equal((await post('Patient/$validate', nothing)).status, 400);
    assert.ok(severities(await post('Observation/$validate', NAMED)).includes('error'));
  });

  it('tells of a profile what is wrong with it, be it no more than JSON', async () => {
    const spoilt: readonly (readonly [element: unknown, where: RegExp])[] = [
      [
        { id: 'Patient.title', path: 'Patient.title' },
        /differential: Patient has no element title/,
      ],
      [{ id: 'Patient.name' }, /element\[0\]\.path: The element is required/],
      [{ id: 'Patient.name', path: 1 }, /element\[0\]\.path: Expected a string/],
      [{ id: ['Patient'], path: 'Patient.name' }, /element\[0\]\.id: Expected a single value/],
      ['Patient.name', /element\[0\]: Expected an object/],
      [{ path: 'Patient.name', type: [{ code: 'HumanName', profile: [1] }] }, /profile\[0\]/],
    ];
    for (const [element, where] of spoilt) {
      const answer = await post('StructureDefinition/$validate', {
        ...profile,
        differential: { element: [element] },
      });
      assert.equal(answer.status, 200, `${JSON.stringify(element)}: ${answer.text}`);
      assert.match(answer.text, where);
    }
  });
});

describe('a write', () => {
  it('of a resource that claims a known profile must meet it', async () => {
    const claim = { meta: { profile: [PROFILE] } };
    const put = (id: string, resource: object): Promise<Answer> =>
      server.ask(people.ehr, 'PUT', `Patient/${id}`, {
        body: JSON.stringify({ ...resource, ...claim, id }),
      });
    const refused = await put('claims', NAMELESS);
    assert.equal(refused.status, 422);
    assert.match(refused.text, /Patient\.name/);
    assert.equal((await put('claims', NAMED)).status, 201);
    const unknown = { ...NAMELESS, id: 'u', meta: { profile: [`${PROFILE}-unknown`] } };
    const body = JSON.stringify(unknown);
    assert.equal((await server.ask(people.ehr, 'PUT', 'Patient/u', { body })).status, 201);
  });
});

describe('a package', () => {
  it('brings search parameters', async () => {
    const nick = (id: string, valueString: string) => ({
      ...NAMED,
      id,
      extension: [{ url: 'http://example.org/nick', valueString }],
    });
    for (const [id, name] of [
      ['nick-1', 'Bo'],
      ['nick-2', 'Al'],
    ] as const) {
      const body = JSON.stringify(nick(id, name));
      assert.equal((await server.ask(people.ehr, 'PUT', `Patient/${id}`, { body })).status, 201);
    }
    const found = await server.ask(people.ehr, 'GET', 'Patient?nick=bo');
    assert.equal(found.status, 200, found.text);
    const { entry = [] } = found.json() as { entry?: { resource: { id: string } }[] };
    assert.deepEqual(
      entry.map(({ resource }) => resource.id),
      ['nick-1'],
    );
  });
});
