import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, jest } from '@jest/globals';
import { ask, token } from './support/fhir-client.ts';
import { eventually, serverPid } from './support/processes.ts';
import { clone, readersEnvironment } from './support/clone.ts';
import { dataDir, fhirBase, output, ready } from './support/stack.ts';
import { keep, verify } from './support/verifier.ts';

jest.setTimeout(300_000);

const writers = 200;

interface Acknowledged {
  readonly id: string;
  readonly family: string;
}

describe(`kill -9 of the server amid ${writers} concurrent writes`, () => {
  it('loses no acknowledged version and anchors each exactly once', async () => {
    await token('system');
    const run = Date.now().toString(36);
    const pid = serverPid('hospital');
    const acknowledged: Acknowledged[] = [];
    let failed = 0;
    let killed = false;
    // Each writer goes on until the server is gone, so that it surely dies with all of them at work.
    await Promise.all(
      Array.from({ length: writers }, async (_unused, writer) => {
        for (let turn = 0; failed < writers; turn += 1) {
          const [id, family] = [`killed-${run}-${writer}-${turn}`, `Family${run}${writer}${turn}`];
          const body = JSON.stringify({ resourceType: 'Patient', id, name: [{ family }] });
          try {
            const answer = await ask('system', `Patient/${id}`, { method: 'PUT', body });
            assert.equal(answer.status, 201, answer.text);
            acknowledged.push({ id, family });
          } catch {
            failed += 1;
            return;
          }
          if (acknowledged.length >= writers && !killed) {
            killed = true;
            process.kill(pid, 'SIGKILL');
          }
        }
      }),
    );
    assert.ok(killed, 'the server was killed');
    assert.equal(failed, writers, 'it died with every writer at work');

    await eventually(10_000, () => {
      assert.match(output(), /hospital's server has stopped unexpectedly/);
      return Promise.resolve();
    });
    assert.match(output(), /npm run revive/, 'it says how to start it again');
    await revive();

    const positions = new Set<number>();
    const trust = join(clone, ready().trust);
    for (const [i, { id, family }] of acknowledged.entries()) {
      const read = await ask('system', `Patient/${id}`);
      assert.equal(read.status, 200, `${id} was acknowledged: ${read.text}`);
      assert.ok(read.text.includes(`"${family}"`), id);
      const proof = await ask('system', `Patient/${id}/_history/1/$evidence`);
      assert.equal(proof.status, 200, proof.text);
      positions.add((JSON.parse(proof.text) as { inclusion: { index: number } }).inclusion.index);
      if (i % 20 === 0) {
        const { code, output: said } = verify(keep(proof.text), trust);
        assert.equal(code, 0, said);
      }
    }
    assert.equal(
      positions.size,
      acknowledged.length,
      'every version has a place of its own in the log',
    );
    await checkLog();
  });
});

/** The store's leaves fill the log without gap or repetition, up to the size that the ledger has signed. */
async function checkLog(): Promise<void> {
  await eventually(20_000, async () => {
    const metrics = await (await fetch(new URL('/metrics', fhirBase()))).text();
    assert.match(metrics, /^chartseal_leaf_backlog 0$/m);
  });
  // The server keeps the file for itself.
  const pid = serverPid('hospital');
  process.kill(pid, 'SIGTERM');
  await eventually(20_000, () => {
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    return Promise.resolve();
  });
  const store = new DatabaseSync(join(dataDir, 'store', 'hospital.sqlite'), { readOnly: true });
  try {
    const leaves = store
      .prepare(
        'SELECT count(*) AS count, count(DISTINCT hash) AS hashes, max(position) + 1 AS next FROM leaf',
      )
      .get();
    const log = store.prepare('SELECT max(size) AS size FROM batch').get();
    assert.equal(leaves?.['hashes'], leaves?.['count']);
    assert.equal(leaves?.['next'], leaves?.['count']);
    assert.equal(log?.['size'], leaves?.['count']);
  } finally {
    store.close();
    await revive();
  }
}

async function revive(): Promise<void> {
  execFileSync('npm', ['run', '--silent', 'revive'], {
    cwd: clone,
    env: readersEnvironment(),
  });
  await eventually(60_000, async () => {
    assert.equal((await fetch(new URL('/readyz', fhirBase()))).status, 200);
  });
}
