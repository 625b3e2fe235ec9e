import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { ADMINISTERED_TYPES } from '../../src/fhir/administered-types.ts';
import { people, requestsOf, startApp, type Caller, type TestApp } from '../support/app.ts';
import { entry } from '../support/bundles.ts';
import { minimalResources } from '../support/minimal-resources.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
const { ask } = requestsOf(() => app);

const admin: Caller = { role: 'admin', scope: 'user/*.cruds', user: 'Practitioner/admin' };
const foreign = { organization: 'Organization/pharmacy', msp: 'PharmacyMSP' };
const STRANGERS: readonly Caller[] = [
  people.doctor,
  people.patientA,
  people.pharmacist,
  { ...people.ehr, ...foreign },
  { ...admin, ...foreign },
];
const resources = minimalResources([...ADMINISTERED_TYPES]);

describe('what says how servers behave and what codes mean', () => {
  for (const [type, resource] of resources) {
    it(`is written by the custodian's systems and administration only: ${type}`, async () => {
      const named = { ...resource, id: 'a' };
      const bundle = (kind: string, ...entries: string[]): string =>
        `{"resourceType":"Bundle","type":"${kind}","entry":[${entries.join()}]}`;
      for (const caller of [people.ehr, admin]) {
        const made = await ask(caller, 'PUT', `${type}/a`, named);
        assert.ok([200, 201].includes(made.status), made.text);
      }
      for (const caller of STRANGERS) {
        const requests = [
          ['POST', type, resource],
          ['PUT', `${type}/b`, { ...resource, id: 'b' }],
          ['PUT', `${type}/a`, named],
          ['PUT', `${type}?_id=a`, named],
          ['DELETE', `${type}/a`, undefined],
          ['POST', '', bundle('transaction', entry('POST', type, resource))],
          ['POST', '', bundle('transaction', entry('DELETE', `${type}/a`))],
        ] as const;
        for (const [method, path, body] of requests) {
          const { status, text } = await ask(caller, method, path, body);
          assert.equal(status, 403, `${caller.role}: ${method} ${path}: ${text}`);
        }
        const batch = await ask(caller, 'POST', '', bundle('batch', entry('POST', type, resource)));
        assert.match(batch.text, /"status":"403/);
      }
      const { json } = await ask(people.ehr, 'GET', `${type}/a/_history`);
      assert.equal(json()['total'], 2);
    });
  }

  it('is not patched, nor labelled, by a doctor', async () => {
    const contentType = { 'content-type': 'application/json-patch+json' };
    const patch = [{ op: 'replace', path: '/status', value: 'retired' }];
    const meta = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }],
    };
    for (const [caller, expected] of [
      [people.doctor, 403],
      [admin, 200],
    ] as const) {
      const patched = await ask(caller, 'PATCH', 'CodeSystem/a', patch, contentType);
      const tagged = await ask(caller, 'POST', 'CodeSystem/a/$meta-add', meta);
      assert.deepEqual([patched.status, tagged.status], [expected, expected], patched.text);
    }
  });

  it('says so by the name of the type', async () => {
    const refused = await ask(people.doctor, 'POST', 'ValueSet', resources.get('ValueSet'));
    assert.match(refused.text, /written by systems and administration of Organization\/hospital/);
    assert.match(refused.text, /"expression":\["ValueSet"\]/);
  });
});
