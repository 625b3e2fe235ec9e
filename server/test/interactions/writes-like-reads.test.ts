import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../support/app.ts';
import { entry, responses } from '../support/bundles.ts';
import { actor, consent, labelled, patient, putsTo } from '../support/clinical-samples.ts';
import { waysToWrite, type Outcome, type Way } from '../support/ways-to-write.ts';

const CANARY = 'canary-8731';
let server: TestApp;
const put = putsTo(() => server);

const LOINC = 'http://loinc.org';
const action = (...codes: readonly string[]) =>
  codes.map((code) => ({
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }],
  }));
const observation = (id: string, of: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  meta: { tag: [{ system: 'urn:t', code: 'old' }] },
  identifier: [{ system: 'urn:example:b', value: id }],
  status: 'final',
  code: { coding: [{ system: LOINC, code: '1-1' }], text: CANARY },
  subject: { reference: `Patient/${of}` },
  ...more,
});
const coded = (code: string, category = 'exam') => ({
  code: { coding: [{ system: LOINC, code }], text: CANARY },
  category: [{ coding: [{ code: category }] }],
});
/** What its writer puts in the place of another: nothing in it is denied to anybody. */
const plain = (of: string) => (id: string) =>
  observation(id, of, { code: { text: 'plain' }, effectiveDateTime: '2015-01-01' });
const patch = (): object => [
  { op: 'test', path: '/status', value: 'final' },
  { op: 'replace', path: '/code', value: { text: 'plain' } },
];
const deniesTheDoctor = (more: object) => ({
  type: 'permit',
  provision: [{ type: 'deny', actor: actor('Practitioner/doctor'), ...more }],
});

/** Patients of whom the doctor may change all, but not see what is made here. */
const HIDDEN: Readonly<Record<string, { readonly provision: object; readonly data: object }>> = {
  code: {
    provision: deniesTheDoctor({ code: [{ coding: [{ system: LOINC, code: '7-7' }] }] }),
    data: coded('7-7'),
  },
  period: {
    provision: deniesTheDoctor({ dataPeriod: { start: '2020-01-01', end: '2020-12-31' } }),
    data: { effectiveDateTime: '2020-06-01' },
  },
  related: {
    provision: deniesTheDoctor({
      data: [{ meaning: 'related', reference: { reference: 'Encounter/secret' } }],
    }),
    data: { encounter: { reference: 'Encounter/secret' } },
  },
  access: {
    provision: deniesTheDoctor({ action: action('access') }),
    data: {},
  },
  label: {
    provision: { type: 'permit', actor: actor('Organization/nobody') },
    data: labelled({}, 'V'),
  },
};

beforeAll(async () => {
  server = await startApp();
  for (const [of, { provision, data }] of Object.entries(HIDDEN)) {
    await put(patient(of, of), observation(`${of}-gone`, of, data));
    assert.equal((await server.ask(people.ehr, 'DELETE', `Observation/${of}-gone`)).status, 204);
    await put(observation(`${of}-hidden`, of, data), consent(`of-${of}`, of, provision));
  }
});
afterAll(() => server.close());

const self = (of: string): Caller => ({ ...people.patientA, patient: of, user: `Patient/${of}` });
/** As the patient sees it. */
const versionOf = async (id: string, of: string): Promise<string> => {
  const answer = await server.ask(self(of), 'GET', `Observation/${id}/_history`);
  return String((answer.json() as { total?: number }).total);
};
const fresh = async (of: string, data: object): Promise<string> => {
  const id = `o${(made += 1)}`;
  await put(observation(id, of, data));
  return id;
};
let made = 0;
const by = (caller: Caller, of: string, more: object = {}): readonly Way[] => {
  const resource = (id: string): object => ({ ...plain(of)(id), ...more });
  return waysToWrite(() => server, { caller, type: 'Observation', resource, patch });
};
const names = by(people.doctor, 'x').map(({ name }, i) => [i, name] as const);

describe('who may not see a version changes it in no way', () => {
  for (const [of, { data }] of Object.entries(HIDDEN)) {
    it(`the doctor is refused a read of what is hidden by ${of}`, async () => {
      const read = await server.ask(people.doctor, 'GET', `Observation/${of}-hidden`);
      assert.equal(read.status, 403, read.text);
    });
    for (const [i, name] of names) {
      it(`${name}, hidden by ${of}`, async () => {
        const before = await versionOf(`${of}-hidden`, of);
        const way = by(people.doctor, of)[i] as Way;
        const outcome = await way.send(`${of}-hidden`, {});
        // Where criteria select nothing there is nothing to do, and nothing is told.
        const expected = way.byCriteria ? [403, 404, 204] : [403];
        assert.ok(expected.includes(outcome.status), outcome.text);
        assert.doesNotMatch(outcome.text, new RegExp(CANARY));
        assert.equal(await versionOf(`${of}-hidden`, of), before);
        const again = await (by(people.doctor, of)[i] as Way).send(`${of}-gone`, {});
        assert.ok([...expected, 410].includes(again.status), again.text);
        assert.equal(await versionOf(`${of}-gone`, of), '2');
      });
    }
    it(`and who sees what is hidden by ${of} changes it in every way`, async () => {
      for (const [i, name] of names) {
        const id = await fresh(of, data);
        const outcome = await (by(self(of), of, of === 'label' ? data : {})[i] as Way).send(id, {});
        assert.ok([200, 204].includes(outcome.status), `${name}: ${outcome.text}`);
      }
    });
    if (of === 'access') continue;
    it(`and the doctor changes what else there is beside what is hidden by ${of}`, async () => {
      for (const [i, name] of names) {
        const id = await fresh(of, { effectiveDateTime: '2015-01-01' });
        const outcome = await (by(people.doctor, of)[i] as Way).send(id, {});
        assert.ok([200, 204].includes(outcome.status), `${name}: ${outcome.text}`);
      }
    });
  }
});

describe('a consent about one resource lets others change that one', () => {
  const one = (id: string) => ({
    type: 'permit',
    actor: actor('Organization/pharmacy'),
    action: action('access', 'correct'),
    data: [{ meaning: 'instance', reference: { reference: `Observation/${id}` } }],
  });
  const told = ({ status, text }: Outcome, id: string): string =>
    `${status} ${text.replaceAll(id, 'the-id').replaceAll(/"id":"[^"]*"/g, '')}`;

  for (const [i, name] of names) {
    it(name, async () => {
      const of = `one-${i}`;
      await put(patient(of, of), observation(`${of}-1`, of), observation(`${of}-2`, of));
      await put(consent(of, of, one(`${of}-1`)));
      const way = by(people.pharmacist, of)[i] as Way;
      const hidden = await way.send(`${of}-2`, {});
      const absent = await way.send(`${of}-3`, {});
      assert.ok(hidden.status >= 400 || way.byCriteria, hidden.text);
      assert.equal(told(hidden, `${of}-2`), told(absent, `${of}-3`));
      assert.equal(await versionOf(`${of}-2`, of), '1');
      const done = await way.send(`${of}-1`, {});
      assert.ok([200, 204].includes(done.status), done.text);
    });
  }
});

describe('the query of a scope bounds what is written', () => {
  const bounded: Caller = {
    ...people.doctor,
    scope: 'user/Observation.cruds?category=laboratory',
  };
  const of = 'scoped';
  const lab = (id: string) => observation(id, of, coded('1-1', 'laboratory'));
  const vital = (id: string) => observation(id, of, coded('1-1', 'vital-signs'));
  beforeAll(() => put(patient(of, of)));
  const ways = (resource: (id: string) => object, category: string): readonly Way[] =>
    waysToWrite(() => server, {
      caller: bounded,
      type: 'Observation',
      resource,
      patch: () => [{ op: 'replace', path: '/category/0/coding/0/code', value: category }],
    });

  for (const [i, name] of names) {
    it(name, async () => {
      const id = `v${i}`;
      await put(vital(id));
      const turnedIn = await (ways(lab, 'laboratory')[i] as Way).send(id, {});
      assert.ok([403, 404, 204].includes(turnedIn.status), turnedIn.text);
      assert.doesNotMatch(turnedIn.text, new RegExp(CANARY));
      assert.equal(await versionOf(id, of), '1');
      await put(lab(`l${i}`));
      if (/PUT|PATCH/.test(name)) {
        const turnedOut = await (ways(vital, 'vital-signs')[i] as Way).send(`l${i}`, {});
        assert.equal(turnedOut.status, 403, turnedOut.text);
        assert.equal(await versionOf(`l${i}`, of), '1');
      }
      const done = await (ways(lab, 'laboratory')[i] as Way).send(`l${i}`, {});
      assert.ok([200, 204].includes(done.status), done.text);
    });
  }

  it('creates too', async () => {
    const create = (resource: object) =>
      server.ask(bounded, 'POST', 'Observation', { body: JSON.stringify(resource) });
    assert.equal((await create(vital('x'))).status, 403);
    assert.equal((await create(lab('x'))).status, 201);
    const batch = `{"resourceType":"Bundle","type":"batch","entry":[${entry('POST', 'Observation', vital('x'))},${entry('POST', 'Observation', lab('x'))}]}`;
    const answer = await server.ask(bounded, 'POST', '', { body: batch });
    assert.deepEqual(
      responses(answer).map(({ response }) => response.status.slice(0, 3)),
      ['403', '201'],
    );
  });
});

describe('a change is decided on the ledger', () => {
  const transactions = async (): Promise<number> => {
    const { body } = await server.app.inject('/metrics');
    return Number(/^chartseal_disclosure_transactions_total (\d+)/m.exec(body)?.[1]);
  };
  const log = async (of: string): Promise<readonly string[]> => {
    const answer = await server.ask(self(of), 'GET', `Patient/${of}/$access-log`);
    assert.equal(answer.status, 200, answer.text);
    const { entry: entries } = answer.json() as { entry: { resource: object }[] };
    return entries.map(({ resource }) => JSON.stringify(resource));
  };

  it('and stands in the log of its patients, with its transaction', async () => {
    await put(patient('logged', 'L'));
    const create = await server.ask(people.doctor, 'POST', 'Observation', {
      body: JSON.stringify(observation('x', 'logged')),
    });
    assert.equal(create.status, 201, create.text);
    const path = String(create.headers['location']).split('/fhir/')[1] ?? '';
    const found = (await log('logged')).filter((text) => text.includes(path));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /Practitioner\/doctor/);
    assert.match(found[0] ?? '', /decision-transaction/);
    const refused = await server.ask(people.pharmacist, 'POST', 'Observation', {
      body: JSON.stringify(observation('x', 'logged')),
    });
    assert.equal(refused.status, 404, refused.text);
    assert.equal(
      (await log('logged')).filter((text) => /Organization\/pharmacy/.test(text)).length,
      1,
    );
  });

  it('together with the other changes of its step, and of its batch', async () => {
    const many = Array.from({ length: 200 }, (_, i) => i);
    for (const i of many.slice(0, 8)) await put(patient(`m${i}`, 'M'));
    for (const type of ['transaction', 'batch']) {
      const text = many.map((i) =>
        entry('POST', 'Observation', observation('x', `m${i % 8}`, { note: [{ text: type }] })),
      );
      const before = await transactions();
      const answer = await server.ask(people.doctor, 'POST', '', {
        body: `{"resourceType":"Bundle","type":"${type}","entry":[${text.join()}]}`,
      });
      assert.ok(responses(answer).every(({ response }) => response.status.startsWith('201')));
      const cost = (await transactions()) - before;
      assert.ok(cost >= 1 && cost <= (type === 'transaction' ? 1 : 20), `${type}: ${cost}`);
    }
  });
});
