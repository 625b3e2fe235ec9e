import assert from 'node:assert/strict';
import { afterEach, describe, it, jest } from '@jest/globals';
import { ask, ids, outcomeOf, put, token } from './support/fhir-client.ts';
import { eventually, startOrderers, stopOrderers } from './support/processes.ts';
import { untilSteady } from './support/steady.ts';
import { fhirBase, ready } from './support/stack.ts';

jest.setTimeout(240_000);

/** Milliseconds in which every request must be answered. */
const bound = 15_000;

const statement = {
  resourceType: 'Consent',
  id: 'during-outage',
  status: 'active',
  scope: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
    ],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/demo-b' },
  policy: [{ uri: 'https://chartseal.example.org/policies/patient-privacy' }],
  dateTime: '2025-02-01T00:00:00Z',
  provision: {
    type: 'deny',
    actor: [
      { role: { coding: [{ code: 'IRCP' }] }, reference: { reference: 'Organization/insurer' } },
    ],
  },
};

/** What a server says of itself. */
async function readiness(organisation: string): Promise<{ status: number; reason?: string }> {
  const answer = await fetch(new URL('/readyz', fhirBase(organisation)), {
    signal: AbortSignal.timeout(bound),
  });
  const { reason } = (await answer.json()) as { reason?: string };
  return { status: answer.status, ...(reason === undefined ? {} : { reason }) };
}

/** Asks every server again and again, as a load balancer does, until it has this status. */
async function untilReadinessIs(status: number, patience: number): Promise<void> {
  const servers = ready().organisations.map(({ name }) => name);
  await Promise.all(
    servers.map((name) =>
      eventually(patience, async () => {
        const found = await readiness(name);
        assert.equal(found.status, status, `${name}: ${found.reason ?? 'ready'}`);
        assert.match(found.reason ?? '', status === 200 ? /^$/ : /^the ledger orders nothing now$/);
      }),
    ),
  );
}

describe('two of four orderers stopped', () => {
  afterEach(() => startOrderers('insurer', 'auditor'));

  it('nothing is disclosed or put in force, nothing hangs, and service returns by itself', async () => {
    assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
    // Tokens are fetched before, so that only answers of the FHIR server are timed.
    for (const persona of ['doctor', 'patient', 'pharmacist', 'system']) await token(persona);
    assert.deepEqual([...(await stopOrderers('insurer', 'auditor'))].sort(), [
      'orderer.auditor',
      'orderer.insurer',
    ]);

    const began = performance.now();
    const asked = [
      ['doctor', 'Patient/demo-b'],
      ['doctor', 'Observation?patient=demo-a'],
      ['patient', 'Patient/demo-a'],
      ['pharmacist', 'MedicationRequest?patient=demo-a'],
    ] as const;
    const reads = asked.map(async ([persona, path]) => {
      const answer = await ask(persona, path, { patience: bound + 5_000 });
      assert.match(outcomeOf(answer, 503), /ledger/i, path);
      assert.ok(!answer.text.includes('birthDate') && !answer.text.includes('valueQuantity'), path);
      return performance.now() - began;
    });
    const consent = put('system', statement, { patience: bound + 5_000 }).then((answer) => {
      outcomeOf(answer, 503);
      return performance.now() - began;
    });
    for (const took of await Promise.all([...reads, consent]))
      assert.ok(took <= bound, `answered after ${took} ms`);

    // A write needs the ledger only later: it may be taken until the outage is noticed, and is anchored afterwards.
    const taken: string[] = [];
    await eventually(bound, async () => {
      const id = `outage-${taken.length}`;
      const answer = await put('system', { resourceType: 'Patient', id });
      if (answer.status < 300) taken.push(id);
      outcomeOf(answer, 503);
    });

    const alive = await fetch(new URL('/healthz', fhirBase()), {
      signal: AbortSignal.timeout(bound),
    });
    assert.equal(alive.status, 200);
    await alive.body?.cancel();
    assert.deepEqual(await readiness('hospital'), {
      status: 503,
      reason: 'the ledger orders nothing now',
    });

    await startOrderers('insurer', 'auditor');
    await eventually(60_000, async () => {
      assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
    });
    assert.equal((await ids('pharmacist', 'MedicationRequest?patient=demo-a')).length, 3);
    await eventually(30_000, async () => {
      const answer = await put('system', { resourceType: 'Patient', id: 'after-outage' });
      assert.ok(answer.status < 300, answer.text);
    });
    for (const id of [...taken, 'after-outage']) {
      const proof = await ask('system', `Patient/${id}/_history/1/$evidence`);
      assert.equal(proof.status, 200, proof.text);
    }
  });

  it('every server says that it is not ready, with no request but that one, and returns by itself', async () => {
    await untilReadinessIs(200, 60_000);
    await stopOrderers('insurer', 'auditor');
    await untilReadinessIs(503, bound);
    await startOrderers('insurer', 'auditor');
    await untilReadinessIs(200, 60_000);
    assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
  });

  it('one orderer stopped changes nothing', async () => {
    await untilSteady();
    await stopOrderers('auditor');
    // It may have led: a leader that is silent for ten seconds is replaced, which may take ten more.
    await eventually(60_000, async () => {
      assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
    });
    for (let i = 0; i < 5; i += 1) {
      assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
      assert.deepEqual(await readiness('hospital'), { status: 200 });
    }
  });
});
