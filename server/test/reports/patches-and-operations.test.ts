import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { BASE } from '../support/app.ts';
import { reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
});
afterAll(() => world.server.close());

/** A FHIRPath Patch of one operation; answers with the resource afterwards. */
async function patch(
  path: string,
  part: readonly object[],
): Promise<Readonly<Record<string, unknown>>> {
  const parameter = [{ name: 'operation', part }];
  const body = JSON.stringify({ resourceType: 'Parameters', parameter });
  const answer = await world.ask('PATCH', path, { body });
  assert.equal(answer.status, 200, answer.text);
  return answer.json();
}

const type = (valueCode: string) => ({ name: 'type', valueCode });
const at = (valueString: string) => ({ name: 'path', valueString });
const values = (identifiers: unknown) =>
  (identifiers as { value: string }[]).map(({ value }) => value);

// hapifhir/hapi-fhir#6656, hapifhir/hapi-fhir#6106, hapifhir/hapi-fhir#7578, LinuxForHealth/FHIR#716
describe('a FHIRPath patch', () => {
  it('replaces one of several and deletes what a condition selects', async () => {
    await world.put('Patient', 'several', {
      identifier: [
        { system: 'urn:a', value: '1' },
        { system: 'urn:b', value: '2' },
      ],
    });
    const value = { name: 'value', valueIdentifier: { system: 'urn:c', value: '3' } };
    const replaced = await patch('Patient/several', [
      type('replace'),
      at('Patient.identifier[1]'),
      value,
    ]);
    assert.deepEqual(replaced['identifier'], [
      { system: 'urn:a', value: '1' },
      { system: 'urn:c', value: '3' },
    ]);
    const deleted = await patch('Patient/several', [
      type('delete'),
      at("Patient.identifier.where(system = 'urn:a')"),
    ]);
    assert.deepEqual(values(deleted['identifier']), ['3']);
  });

  it('inserts at a place, and what it inserts is found', async () => {
    const item = (id: string) => ({ item: { reference: `Patient/${id}` } });
    await world.put('List', 'round', {
      status: 'current',
      mode: 'working',
      entry: [item('room-1'), item('room-3')],
    });
    const inserted = await patch('List/round', [
      type('insert'),
      at('List.entry'),
      { name: 'index', valueInteger: 1 },
      { name: 'value', part: [{ name: 'item', valueReference: item('room-2').item }] },
    ]);
    assert.deepEqual(inserted['entry'], [item('room-1'), item('room-2'), item('room-3')]);
    assert.deepEqual((await world.find('List?item=Patient/room-2&_id=round')).ids, ['round']);
  });

  it('adds an element without a type name to a list that is not there yet', async () => {
    await world.put('Group', 'cohort', { type: 'person', actual: true });
    const member = [
      { name: 'entity', valueReference: { reference: 'Patient/several' } },
      { name: 'inactive', valueBoolean: false },
    ];
    const added = await patch('Group/cohort', [
      type('add'),
      at('Group'),
      { name: 'name', valueString: 'member' },
      { name: 'value', part: member },
    ]);
    assert.deepEqual(added['member'], [
      { entity: { reference: 'Patient/several' }, inactive: false },
    ]);
    assert.deepEqual((await world.find('Group?member=Patient/several')).ids, ['cohort']);
  });
});

// hapifhir/hapi-fhir#4420, hapifhir/hapi-fhir#1642
describe('$meta-delete', () => {
  it('takes the tag that it names and leaves the others, in searches too', async () => {
    const tag = (code: string) => ({ system: 'urn:round', code });
    await world.put('Organization', 'tagged', {
      name: 'n',
      meta: { tag: [tag('morning'), tag('evening')] },
    });
    const parameter = [{ name: 'meta', valueMeta: { tag: [tag('morning')] } }];
    const body = JSON.stringify({ resourceType: 'Parameters', parameter });
    const answer = await world.ask('POST', 'Organization/tagged/$meta-delete', { body });
    assert.equal(answer.status, 200, answer.text);
    const { resources } = await world.find('Organization?_id=tagged');
    assert.deepEqual((resources[0]?.['meta'] as { tag: unknown }).tag, [tag('evening')]);
    for (const [code, ids] of [
      ['morning', []],
      ['evening', ['tagged']],
    ] as const) {
      const found = await world.find(`Organization?_id=tagged&_tag=urn:round|${code}`);
      assert.deepEqual(found.ids, ids, code);
    }
  });
});

// HealthIntersections/fhirserver#35
describe('$everything', () => {
  it('gives each entry its address', async () => {
    await world.put('Patient', 'all');
    await world.put('Observation', 'of-all', {
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/all' },
    });
    const { entry } = (await world.read('Patient/all/$everything')) as {
      entry: { fullUrl: string }[];
    };
    assert.deepEqual(entry.map(({ fullUrl }) => fullUrl).sort(), [
      `${BASE}/Observation/of-all`,
      `${BASE}/Patient/all`,
    ]);
  });
});
