import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, jest } from '@jest/globals';
import { ask, ids } from './support/fhir-client.ts';
import { clone, readersEnvironment } from './support/clone.ts';
import { launcherPid } from './support/processes.ts';
import {
  output,
  processesOfStack,
  ready,
  startArguments,
  startStack,
  stopStack,
} from './support/stack.ts';
import { keep, verify } from './support/verifier.ts';

jest.setTimeout(300_000);

/** Milliseconds a start with existing builds and data may take. */
const warmStart = 25_000;

function startAgain(...options: readonly string[]): {
  readonly status: number | null;
  readonly said: string;
} {
  const ran = spawnSync('npm', startArguments(options), {
    cwd: clone,
    env: readersEnvironment(),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status: ran.status, said: `${ran.stdout}${ran.stderr}` };
}

describe('npm start', () => {
  it('is ready with the ledger fabric, tells where everything is, and shows what it does', () => {
    const { organisations, ledger, personas, trust } = ready();
    assert.equal(ledger, 'fabric');
    assert.deepEqual(
      organisations.map(({ name, msp }) => [name, msp]),
      [
        ['hospital', 'HospitalMSP'],
        ['pharmacy', 'PharmacyMSP'],
        ['insurer', 'InsurerMSP'],
        ['auditor', 'AuditorMSP'],
      ],
    );
    assert.ok(readFileSync(join(clone, trust), 'utf8').includes('chartseal-trust/1'));
    for (const name of [
      'system',
      'doctor',
      'other-doctor',
      'patient',
      'other-patient',
      'pharmacist',
      'insurer',
      'lab',
      'researcher',
      'auditor',
      'admin',
    ]) {
      assert.ok(personas[name]?.reference, name);
    }
    assert.equal(personas['patient']?.reference, 'Patient/demo-a');
  });

  it('refuses to start twice on the same data, and on ports that are taken', () => {
    const twice = startAgain();
    assert.notEqual(twice.status, 0);
    assert.match(twice.said, /already running/);
    const otherData = startAgain('--data', join(clone, '.cache', 'other'), '--ledger', 'embedded');
    assert.notEqual(otherData.status, 0);
    assert.match(otherData.said, /port 8080/);
  });

  it('leaves no process behind after Ctrl-C; evidence verifies then; the next start has all data', async () => {
    const path = 'MedicationRequest/demo-a-metformin';
    const resource = await ask('doctor', `${path}/_history/1`);
    assert.equal(resource.status, 200, resource.text);
    const proof = await ask('system', `${path}/_history/1/$evidence`);
    assert.equal(proof.status, 200, proof.text);
    const observations = await ids('doctor', 'Observation?patient=demo-a&_sort=_id&_count=100');
    const trust = keep(readFileSync(join(clone, ready().trust)));
    const before = ready();
    assert.ok(processesOfStack().length >= 16, 'servers, peers, orderers and chaincodes run');

    await stopStack();
    assert.deepEqual(processesOfStack(), []);

    checkEvidence(proof.text, trust, resource.text);

    const { took } = await startStack();
    assert.ok(took < warmStart, `ready after ${Math.round(took)} ms`);
    assert.deepEqual(ready(), before);
    assert.equal((await ask('doctor', `${path}/_history/1`)).text, resource.text);
    assert.deepEqual(
      await ids('doctor', 'Observation?patient=demo-a&_sort=_id&_count=100'),
      observations,
    );
  });

  it('takes over what a killed launcher left behind', async () => {
    process.kill(launcherPid(), 'SIGKILL');
    const orphans = processesOfStack().length;
    assert.ok(orphans > 0, 'there are processes without a launcher');
    const { took } = await startStack();
    assert.ok(took < warmStart + 15_000, `ready after ${Math.round(took)} ms`);
    assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
    assert.equal(
      processesOfStack().filter(({ command }) => command.includes('server/dist/server.js')).length,
      4,
    );
  });

  it('ends cleanly when it is stopped while it starts', async () => {
    await stopStack();
    for (const moment of ['Compile the servers', 'Start orderers and peers', 'Start the servers']) {
      await startStack({ interruptAt: moment });
      assert.ok(!output().includes('chartseal ready'), `interrupted at: ${moment}`);
      assert.deepEqual(processesOfStack(), [], `interrupted at: ${moment}`);
    }
    await startStack();
    assert.equal((await ask('doctor', 'Patient/demo-b')).status, 200);
  });
});

function checkEvidence(bundle: string, trust: string, resource: string): void {
  const file = keep(bundle);
  const good = verify(file, trust, '--resource', keep(resource));
  assert.equal(good.code, 0, good.output);
  assert.match(good.output, /PASS/);
  assert.ok(!good.output.includes('FAIL'), good.output);

  const foreign = verify(
    file,
    trust,
    '--resource',
    keep(resource.replace('"active"', '"stopped"')),
  );
  assert.notEqual(foreign.code, 0);
  assert.match(foreign.output, /FAIL/);

  const bytes = Buffer.from(bundle);
  const step = Math.max(1, Math.floor(bytes.length / 40));
  for (let at = 3; at < bytes.length; at += step) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    const bad = verify(keep(changed), trust);
    assert.notEqual(bad.code, 0, `byte ${at} changed: ${bad.output}`);
    assert.match(bad.output, /FAIL/, `byte ${at} changed`);
  }

  const anchors = readFileSync(trust);
  const at = anchors.indexOf('BEGIN CERTIFICATE') + 60;
  const otherAnchors = Buffer.from(anchors);
  otherAnchors.writeUInt8(otherAnchors.readUInt8(at) === 65 ? 66 : 65, at);
  assert.notEqual(verify(file, keep(otherAnchors)).code, 0, 'other trust anchors');
}
