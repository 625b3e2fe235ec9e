import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Answer, type TestApp } from '../../support/app.ts';
import {
  SYSTEM,
  bundlesOf,
  entry,
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

describe('at the same time', () => {
  it('transactions with the same condition make one resource', async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        transact([
          entry('POST', 'Patient', patient('par'), {
            fullUrl: uuid(1),
            ifNoneExist: `identifier=${SYSTEM}|par`,
          }),
          entry('POST', 'Observation', observation(uuid(1))),
        ]),
      ),
    );
    assert.equal(answers.filter((answer) => statuses(answer)[0] === '201').length, 1);
    assert.equal(new Set(answers.map((answer) => pathOf(answer, 0))).size, 1);
    assert.equal(await total(`Patient?identifier=${SYSTEM}|par`), 1);
    const id = pathOf(answers[0] as Answer, 0).split('/')[1];
    assert.equal(await total(`Observation?patient=${id}`), 16);
  });

  it('one of those that name the same version wins, whole', async () => {
    await transact([entry('PUT', 'Patient/race', patient('race', { id: 'race' }))]);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        transact([
          entry('PUT', 'Patient/race', patient('race', { id: 'race' }), { ifMatch: 'W/"1"' }),
          entry(
            'POST',
            'Observation',
            observation('Patient/race', { note: [{ text: String(i) }] }),
          ),
        ]),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).filter((status) => status === 200),
      [200],
    );
    assert.equal(answers.filter(({ status }) => status === 412).length, 15);
    assert.equal(await total('Observation?patient=race'), 1);
  });
});

describe('a batch', () => {
  it('does each entry on its own', async () => {
    const answer = await post('batch', [
      entry('POST', 'Patient', patient('batch')),
      entry('POST', 'Patient', { resourceType: 'Patient', gender: 'x' }),
      entry('GET', 'Patient/nobody'),
      entry('PUT', 'Patient/batch-1', patient('b', { id: 'batch-1' })),
      entry('PUT', 'Patient/batch-1', patient('b', { id: 'batch-1' }), { ifMatch: 'W/"1"' }),
      entry('GET', 'Patient/batch-1'),
      entry('GET', 'Patient/batch-1', undefined, { ifNoneMatch: 'W/"2"' }),
      '{"request":5}',
      entry('DELETE', 'Patient/batch-1'),
    ]);
    assert.equal((answer.json() as unknown as Response).type, 'batch-response');
    assert.deepEqual(statuses(answer), [
      '201',
      '422',
      '404',
      '201',
      '200',
      '200',
      '304',
      '400',
      '204',
    ]);
    assert.match(
      responses(answer)[1]?.response.outcome?.issue[0]?.diagnostics ?? '',
      /^Bundle\.entry\[1\]/,
    );
    assert.equal(responses(answer)[5]?.resource?.['id'], 'batch-1');
    assert.equal(await total(`Patient?identifier=${SYSTEM}|batch`), 1);
  });

  it('judges scopes and consent entry by entry', async () => {
    await transact([
      entry('PUT', 'Patient/a', patient('a', { id: 'a' })),
      entry('PUT', 'Patient/b', patient('b', { id: 'b' })),
    ]);
    const answer = await post(
      'batch',
      [entry('GET', 'Patient/a'), entry('GET', 'Patient/b'), entry('GET', 'Patient')],
      people.patientA,
    );
    assert.deepEqual(statuses(answer), ['200', '404', '200']);
    assert.ok(!answer.text.includes('"id":"b"'));
    const log = await get('Patient/b/$access-log', people.auditor);
    assert.match(log.text, /"outcome":"8"/);
  });
});

describe('consents in a transaction', () => {
  const consent = (id: string, of: string, status = 'active') => ({
    resourceType: 'Consent',
    id,
    status,
    scope: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
      ],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: of },
    dateTime: '2020-01-01',
    policyRule: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
    },
    provision: {
      type: 'permit',
      actor: [
        {
          role: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                code: 'IRCP',
              },
            ],
          },
          reference: { reference: 'Organization/pharmacy' },
        },
      ],
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
    },
  });

  it('are in force when it is answered, with the patient it makes', async () => {
    const made = await transact([
      entry('POST', 'Patient', patient('consenting'), { fullUrl: uuid(1) }),
      entry('PUT', 'Consent/t-1', consent('t-1', uuid(1))),
      entry('PUT', 'Consent/t-2', consent('t-2', uuid(1), 'inactive')),
    ]);
    assert.deepEqual(statuses(made), ['201', '201', '201']);
    const path = pathOf(made, 0);
    assert.equal((await get(path, people.pharmacist)).status, 200);
    const withdrawn = await transact([
      entry('PUT', 'Consent/t-1', consent('t-1', path, 'inactive')),
    ]);
    assert.deepEqual(statuses(withdrawn), ['200']);
    assert.equal((await get(path, people.pharmacist)).status, 404);
    assert.deepEqual(
      statuses(
        await transact([
          entry('DELETE', 'Consent/t-2'),
          entry('PUT', 'Consent/t-1', consent('t-1', path)),
        ]),
      ),
      ['204', '200'],
    );
    assert.equal((await get(path, people.pharmacist)).status, 200);
  });

  it('are refused for several patients, and beside changes that others could get in the way of', async () => {
    await transact([
      entry('PUT', 'Patient/c1', patient('c1', { id: 'c1' })),
      entry('PUT', 'Patient/c2', patient('c2', { id: 'c2' })),
    ]);
    const several = await transact([
      entry('PUT', 'Consent/c1', consent('c1', 'Patient/c1')),
      entry('PUT', 'Consent/c2', consent('c2', 'Patient/c2')),
    ]);
    assert.equal(several.status, 422, several.text);
    assert.match(several.text, /one patient/);
    const beside = await transact([
      entry('PUT', 'Consent/c1', consent('c1', 'Patient/c1')),
      entry('PUT', 'Patient/c1', patient('c1', { id: 'c1' })),
    ]);
    assert.equal(beside.status, 422, beside.text);
    assert.equal((await get('Consent/c1')).status, 404);
    assert.equal((await get('Patient/c1', people.pharmacist)).status, 404);
  });
});

describe('the capability statement', () => {
  it('names what is there', async () => {
    const { rest } = (await get('metadata')).json() as unknown as {
      rest: [{ interaction: { code: string }[]; resource: [Record<string, unknown>] }];
    };
    const codes = rest[0].interaction.map(({ code }) => code);
    assert.ok(codes.includes('batch') && codes.includes('transaction'));
    assert.equal(rest[0].resource[0]['conditionalCreate'], true);
    assert.equal(rest[0].resource[0]['conditionalDelete'], 'single');
  });
});
