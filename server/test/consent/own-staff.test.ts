import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';
import { consent, labelled, observation, patient, putsTo } from '../support/clinical-samples.ts';

/** Whom a token names by one of the two facts only: a peer would not take such a one for the custodian's own. */
const HALVES: Readonly<Record<string, Partial<Caller>>> = {
  'of another MSP': { msp: 'PharmacyMSP' },
  'of another organization': { organization: 'Organization/pharmacy' },
};

describe("the custodian's own", () => {
  let server: TestApp;
  const status = async (
    caller: Caller,
    method: 'GET' | 'PUT' | 'DELETE',
    ...[path, body]: readonly [path: string, body?: object]
  ): Promise<number> => {
    const more = body === undefined ? {} : { body: JSON.stringify(body) };
    return (await server.ask(caller, method, path, more)).status;
  };
  const ward = { resourceType: 'Organization', id: 'ward', name: 'Ward' };

  beforeAll(async () => {
    server = await startApp({ CHARTSEAL_POLICY: 'all-normal' });
    const put = putsTo(() => server);
    const given = consent('un', 'a', { type: 'permit' });
    const nobodys = { ...given, patient: undefined, status: 'draft' };
    await put(patient('a', 'A'), labelled(observation('secret', 'a', '1'), 'V'), nobodys, ward);
    await put({ ...labelled({ ...ward, id: 'labelled' }, 'R') });
    await put({
      resourceType: 'Binary',
      id: 'closed',
      contentType: 'text/plain',
      securityContext: { reference: 'DocumentReference/none' },
    });
  });
  afterAll(() => server.close());

  /** What belonging to the custodian decides, by its answers to its own and to anybody else. */
  const told = async (caller: Caller): Promise<readonly number[]> => [
    await status(caller, 'GET', 'Observation/secret'),
    await status(caller, 'GET', 'Consent/un'),
    await status(caller, 'GET', 'Binary/closed'),
    await status(caller, 'PUT', 'Organization/ward', ward),
    await status(caller, 'PUT', 'Organization/labelled', { ...ward, id: 'labelled' }),
  ];

  for (const [which, half] of Object.entries(HALVES)) {
    it(`is nobody ${which}, whatever else the token says`, async () => {
      for (const caller of [people.doctor, people.ehr]) {
        assert.deepEqual(await told({ ...caller, ...half }), [404, 404, 404, 403, 403]);
        assert.equal(await status({ ...caller, ...half }, 'DELETE', 'Consent/un'), 403);
      }
    });
  }

  it('is whoever both facts name', async () => {
    assert.deepEqual(await told(people.doctor), [403, 200, 403, 200, 403]);
    assert.deepEqual(await told(people.ehr), [403, 200, 200, 200, 200]);
  });
});
