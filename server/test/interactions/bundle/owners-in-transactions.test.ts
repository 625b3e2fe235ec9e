import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { people, startApp, type Caller, type TestApp } from '../../support/app.ts';
import { observation, patient, putsTo } from '../../support/clinical-samples.ts';

let server: TestApp;
const put = putsTo(() => server);
beforeAll(async () => {
  server = await startApp();
  await put(patient('a', 'A'), patient('b', 'B'));
});
afterAll(() => server.close());

interface Entry {
  readonly fullUrl?: string;
  readonly resource?: object;
  readonly request: { readonly method: string; readonly url: string };
}
const to = (reference: string) => ({ reference });
const entry = (name: string, resource: { readonly resourceType: string }): Entry => ({
  fullUrl: `http://elsewhere.test/fhir/X/${name}`,
  resource,
  request: { method: 'POST', url: resource.resourceType },
});
const at = (name: string) => to(`http://elsewhere.test/fhir/X/${name}`);
const condition = (name = 'condition', of = 'a') =>
  entry(name, { resourceType: 'Condition', subject: to(`Patient/${of}`) } as never);
const task = (name: string, more: object): Entry =>
  entry(name, { resourceType: 'Task', status: 'requested', intent: 'order', ...more } as never);
const provenance = (of: string): Entry =>
  entry('provenance', {
    resourceType: 'Provenance',
    target: [at(of)],
    recorded: '2020-01-01T00:00:00Z',
    agent: [{ who: to('Practitioner/p') }],
  } as never);
const binary = (of: string): Entry =>
  entry('binary', {
    resourceType: 'Binary',
    contentType: 'text/plain',
    data: 'eA==',
    securityContext: at(of),
  } as never);

/** About patient a alone, however they are ordered. */
const about: Readonly<Record<string, readonly Entry[]>> = {
  'a Task about a Condition': [task('task', { focus: at('condition') }), condition()],
  'a Task about a Task about a Condition': [
    task('first', { focus: at('second') }),
    task('second', { basedOn: [at('condition')] }),
    condition(),
  ],
  'a Provenance of a Task about a Condition': [
    provenance('task'),
    task('task', { focus: at('condition') }),
    condition(),
  ],
  'a Binary that a Task about a Condition stands for': [
    binary('task'),
    task('task', { focus: at('condition') }),
    condition(),
  ],
  'two Tasks about each other, one of which names the patient': [
    task('first', { focus: at('second') }),
    task('second', { focus: at('first'), for: to('Patient/a') }),
  ],
  'three Tasks in a circle, one of which is about a Condition': [
    task('first', { focus: at('second') }),
    task('second', { focus: at('third') }),
    task('third', { focus: at('first'), basedOn: [at('condition')] }),
    condition(),
  ],
  'a VerificationResult of a PaymentNotice of a Condition': [
    entry('result', {
      resourceType: 'VerificationResult',
      status: 'validated',
      target: [at('notice')],
    } as never),
    entry('notice', {
      resourceType: 'PaymentNotice',
      status: 'active',
      created: '2026-01-02',
      payment: to('PaymentReconciliation/p'),
      recipient: to('Organization/o'),
      amount: { value: 10, currency: 'EUR' },
      request: at('condition'),
    } as never),
    condition(),
  ],
};

function* orders<T>(of: readonly T[]): Generator<readonly T[]> {
  if (of.length === 0) yield [];
  for (const [i, first] of of.entries()) {
    for (const rest of orders([...of.slice(0, i), ...of.slice(i + 1)])) yield [first, ...rest];
  }
}
const transact = async (entries: readonly Entry[]): Promise<readonly string[]> => {
  const answer = await server.ask(people.ehr, 'POST', '', {
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries }),
  });
  assert.equal(answer.status, 200, answer.text);
  const { entry: done } = answer.json() as {
    entry: readonly { readonly response: { readonly location?: string } }[];
  };
  return done.map(
    ({ response }) => /[A-Z]\w+\/[^/]+(?=\/_history)/.exec(response.location ?? '')?.[0] ?? '',
  );
};
const statusOf = async (caller: Caller, path: string): Promise<number> =>
  (await server.ask(caller, 'GET', path)).status;
const assertOfAAlone = async (paths: readonly string[], why: string): Promise<void> => {
  for (const path of paths) {
    assert.equal(await statusOf(people.patientA, path), 200, `${why} ${path}`);
    for (const caller of [people.patientB, people.pharmacist, people.auditor]) {
      assert.equal(await statusOf(caller, path), 404, `${caller.role} ${why} ${path}`);
    }
  }
};
const names = (entries: readonly Entry[]) =>
  entries.map(({ fullUrl = '' }) => fullUrl.replace(/.*\//, '')).join(', ');

describe('whom the resources of a transaction concern does not depend on the order of its entries', () => {
  for (const [what, entries] of Object.entries(about)) {
    it(what, async () => {
      for (const some of orders(entries)) await assertOfAAlone(await transact(some), names(some));
    });
  }

  it('nor do they concern more than what they tell of', async () => {
    const [task1 = '', , stock = ''] = await transact([
      task('task', { focus: at('condition') }),
      condition('condition', 'b'),
      task('stock', {}),
    ]);
    assert.equal(await statusOf(people.patientB, task1), 200);
    assert.equal(await statusOf(people.patientA, task1), 404);
    // A Task for nobody is of somebody who cannot be told.
    assert.equal(await statusOf(people.patientA, stock), 404);
    assert.equal(await statusOf(people.doctor, stock), 200);
  });

  it('a patch that makes it tell of what the transaction makes or changes', async () => {
    const patchOf = (path: string, operations: object): Entry => ({
      resource: {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'add' },
              { name: 'path', valueString: 'Task' },
              { name: 'name', valueString: 'focus' },
              { name: 'value', ...operations },
            ],
          },
        ],
      },
      request: { method: 'PATCH', url: path },
    });
    let number = 0;
    for (const isFirst of [true, false]) {
      number += 1;
      const id = `patched-${number}`;
      const about = { resourceType: 'Task', status: 'requested', intent: 'order' };
      await put({ ...about, id }, observation(`changed-${number}`, 'b', '1'));
      assert.equal(await statusOf(people.patientB, `Task/${id}`), 404);
      assert.equal(await statusOf(people.doctor, `Task/${id}`), 200);
      const patch = patchOf(`Task/${id}`, { valueReference: at('condition') });
      const made = [condition(), provenance('of-patched')];
      const target = to(`http://127.0.0.1:8080/fhir/Task/${id}`);
      const tells = { ...made[1], resource: { ...made[1]!.resource, target: [target] } } as Entry;
      const all = isFirst ? [patch, condition(), tells] : [tells, condition(), patch];
      await assertOfAAlone(await transact(all), 'a patch');
      const moved = `Observation/changed-${number}`;
      await put({ ...about, id: `${id}-2` });
      const other = patchOf(`Task/${id}-2`, { valueReference: to(moved) });
      const change: Entry = {
        resource: observation(`changed-${number}`, 'a', '1'),
        request: { method: 'PUT', url: moved },
      };
      await assertOfAAlone(await transact(isFirst ? [other, change] : [change, other]), 'moved');
    }
  });

  it('a patched resource is told of by the version that the patch leaves', async () => {
    await put(observation('versioned', 'a', '1'));
    for (const [value, version] of [
      ['amended', 2],
      ['amended', 2],
      ['corrected', 3],
    ] as const) {
      const operations = JSON.stringify([{ op: 'replace', path: '/status', value }]);
      const tells = provenance('x');
      const [told = ''] = await transact([
        { ...tells, resource: { ...tells.resource, target: [at('versioned')] } },
        {
          fullUrl: at('versioned').reference,
          resource: {
            resourceType: 'Binary',
            contentType: 'application/json-patch+json',
            data: Buffer.from(operations).toString('base64'),
          },
          request: { method: 'PATCH', url: 'Observation/versioned' },
        },
      ]);
      const { text } = await server.ask(people.ehr, 'GET', told);
      assert.match(text, new RegExp(`Observation/versioned/_history/${version}"`));
    }
  });
});
