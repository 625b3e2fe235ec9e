import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
});
afterAll(() => world.server.close());

const enc = encodeURIComponent;

/** Asserts what each value of a date parameter finds. */
async function expectFound(
  query: string,
  table: readonly (readonly [values: string, ids: readonly string[]])[],
): Promise<void> {
  const [, name = ''] = /([a-z]+)$/.exec(query) ?? [];
  for (const [values, ids] of table) {
    const more = values.split(' ').map((value, i) => `${i === 0 ? '' : `&${name}`}=${enc(value)}`);
    const found = await world.find(`${query}${more.join('')}`);
    assert.deepEqual(found.ids, ids, values);
  }
}

const observation = (value: string, effective: object) => ({
  status: 'final',
  code: { text: 'x' },
  identifier: [{ value }],
  ...effective,
});

describe('the precision of a date', () => {
  // LinuxForHealth/FHIR#529, LinuxForHealth/FHIR#528
  it('is the second when a time ends with :00, and the minute only without seconds', async () => {
    for (const [id, effectiveDateTime] of [
      ['at', '2018-06-30T22:15:00Z'],
      ['later', '2018-06-30T22:15:12.25Z'],
      ['day', '2018-06-30'],
    ] as const) {
      await world.put('Observation', id, observation('seconds', { effectiveDateTime }));
    }
    await expectFound('Observation?identifier=seconds&date', [
      ['2018-06-30T22:15:00Z', ['at']],
      ['2018-06-30T22:15Z', ['at', 'later']],
      ['2018-06-30', ['at', 'day', 'later']],
      ['gt2018-06-30T22:15:00Z', ['day', 'later']],
      ['le2018-06-30T22:15:00Z', ['at', 'day']],
      ['2018-07-01T00:15:00+02:00', ['at']],
      ['sa2018-06-30T22:15:00Z', ['later']],
      ['eb2018-06-30T22:15:12Z', ['at']],
    ]);
  });

  // chaseastewart/fhir-converter#2, FirelyTeam/spark#69
  it('is that of the data type: no time without zone, no birth date with a time, no such day', async () => {
    for (const [type, id, content, element] of [
      [
        'Observation',
        'no-zone',
        { status: 'final', code: { text: 'x' }, effectiveDateTime: '2011-07-08T09:10:11' },
        'effective',
      ],
      ['Patient', 'timed', { birthDate: '1990-05-06T00:00:00' }, 'birthDate'],
      ['Patient', 'no-day', { birthDate: '1900-02-29' }, 'birthDate'],
    ] as const) {
      const body = JSON.stringify({ resourceType: type, id, ...content });
      const answer = await world.ask('PUT', `${type}/${id}`, { body });
      assert.equal(answer.status, 422, answer.text);
      assert.ok(answer.text.includes(element), answer.text);
    }
    await world.put('Patient', 'early', { birthDate: '0844-11' });
    await world.put(
      'Observation',
      'leap-second',
      observation('leap', { effectiveDateTime: '2015-06-30T23:59:60Z' }),
    );
  });
});

describe('a period', () => {
  // hapifhir/hapi-fhir#1871, awslabs/fhir-works-on-aws-deployment#822
  it('without an end lasts, and without a start has always lasted', async () => {
    for (const [id, period] of [
      ['first', { start: '2021-09-14T08:10:00+02:00' }],
      ['second', { start: '2021-09-14T09:10:00+02:00' }],
      ['ended', { end: '2021-09-14T08:00:00+02:00' }],
    ] as const) {
      await world.put('Encounter', id, {
        identifier: [{ value: 'open' }],
        status: id === 'ended' ? 'finished' : 'arrived',
        class: { code: 'AMB' },
        period,
      });
    }
    await expectFound('Encounter?identifier=open&date', [
      ['ge2021-09-14T08:30:00+02:00 le2021-09-14T09:30:00+02:00', ['first', 'second']],
      ['lt1850', ['ended']],
      ['gt2999', ['first', 'second']],
      ['2021-09-14', []],
    ]);
  });

  // hapifhir/hapi-fhir#4350, onc-healthit/inferno-program#274
  it('is compared by sa and eb with its ends, by the others with what lies beyond the date asked for', async () => {
    for (const [id, effective] of [
      ['week', { effectivePeriod: { start: '2016-03-07', end: '2016-03-10' } }],
      ['day', { effectiveDateTime: '2016-03-14' }],
      ['on', { effectivePeriod: { start: '2016-03-10' } }],
    ] as const) {
      await world.put('Observation', `p-${id}`, observation('periods', effective));
    }
    await expectFound('Observation?identifier=periods&date', [
      ['eb2016-03-14', ['p-week']],
      ['sa2016-03-09', ['p-day', 'p-on']],
      ['sa2016-03-10', ['p-day']],
      ['le2016-03-14T00:00:00Z', ['p-on', 'p-week']],
      ['ge2016-03-10', ['p-day', 'p-on']],
      ['gt2016-03-10', ['p-day', 'p-on']],
    ]);
    const about = await world.find('Observation?identifier=periods&date=ap2016-03-14');
    assert.ok(about.ids.includes('p-day'));
  });

  // awslabs/fhir-works-on-aws-deployment#337, FirelyTeam/spark#540, FirelyTeam/spark#415, hapifhir/hapi-fhir#8408
  it('is that of appointments, slots, bounds of a timing, and events from first to last', async () => {
    const identifier = [{ value: 'plan' }];
    await world.put('Appointment', 'long', {
      identifier,
      status: 'booked',
      start: '2023-04-03T08:00:00Z',
      end: '2023-04-12T09:00:00Z',
      participant: [{ status: 'accepted', actor: { display: 'x' } }],
    });
    await world.put('Slot', 'free', {
      identifier,
      schedule: { display: 'x' },
      status: 'free',
      start: '2023-04-03T11:00:00+02:00',
      end: '2023-04-03T11:30:00+02:00',
    });
    const order = { identifier, status: 'active', intent: 'order', subject: { display: 'x' } };
    await world.put('ServiceRequest', 'bounds', {
      ...order,
      occurrenceTiming: { repeat: { boundsPeriod: { end: '2024-02-20T18:00:00.000+01:00' } } },
    });
    await world.put('ServiceRequest', 'events', {
      ...order,
      occurrenceTiming: { event: ['2019-05-01', '2019-07-01T12:00:00Z'] },
    });
    await expectFound('Appointment?identifier=plan&date', [
      ['ge2023-04-03 lt2023-04-04', ['long']],
    ]);
    await expectFound('Slot?identifier=plan&start', [
      ['ge2023-04-03T00:00:00', ['free']],
      ['2023-04-03', ['free']],
    ]);
    await expectFound('ServiceRequest?identifier=plan&occurrence', [
      ['le2022', ['bounds', 'events']],
      ['ge2025', []],
      ['ge2019-06 le2019-06', ['bounds', 'events']],
    ]);
  });
});

// samply/blaze#882, openemr/openemr#7064, openemr/openemr#6885
describe('_lastUpdated', () => {
  it('is that of the version in force, not of older ones or of the question', async () => {
    const times: string[] = [];
    for (const multipleBirthInteger of [1, 2, 3]) {
      const content = { multipleBirthInteger, identifier: [{ value: 'thrice' }] };
      const written = (await world.put('Patient', 'thrice', content)).json();
      times.push((written['meta'] as { lastUpdated: string }).lastUpdated);
    }
    const [first = '', , third = ''] = times;
    const before = await world.find(`Patient?identifier=thrice&_lastUpdated=lt${enc(third)}`);
    assert.deepEqual([before.ids, before.bundle['total']], [[], 0]);
    assert.equal(before.bundle['type'], 'searchset');
    const since = await world.find(`Patient?identifier=thrice&_lastUpdated=ge${enc(first)}`);
    assert.deepEqual([since.ids, since.bundle['total']], [['thrice'], 1]);
    const read = await world.read('Patient/thrice');
    for (const resource of [read, since.resources[0]]) {
      assert.equal((resource?.['meta'] as { lastUpdated: string }).lastUpdated, third);
    }
  });
});
