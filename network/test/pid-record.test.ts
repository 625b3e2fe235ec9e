import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isRunning, recordProcess, runningProcess } from '../src/pid-record.ts';
import { processIdentity } from '../src/process-identity.ts';
import { stopProcess } from '../src/stop-process.ts';

const run = mkdtempSync(join(tmpdir(), 'pid-record-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(run, { recursive: true });
});

async function sleeper(
  script = 'setInterval(() => {}, 1000)',
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', `${script}; process.send('ready')`], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  children.push(child);
  await once(child, 'message');
  return child as ChildProcess & { pid: number };
}

describe('a pid record', () => {
  it('finds the process it was made for', async () => {
    const child = await sleeper();
    recordProcess(run, 'peer.one', child.pid, 'variant');
    const found = runningProcess(run, 'peer.one');
    assert.equal(found?.pid, child.pid);
    assert.equal(found.variant, 'variant');
  });

  it('does not take a process for the one that had its number before', async () => {
    const child = await sleeper();
    const record = recordProcess(run, 'peer.two', child.pid);
    const earlier = { pid: child.pid, identity: `${record.identity}0` };
    writeFileSync(join(run, 'peer.two.json'), JSON.stringify(earlier));
    assert.equal(runningProcess(run, 'peer.two'), undefined);
    assert.equal(await stopProcess(run, 'peer.two', 1), false);
    assert.ok(isRunning(record), 'the stranger still runs');
  });

  it('tells an ended process, also one that its parent has not collected', async () => {
    const child = await sleeper();
    const record = recordProcess(run, 'peer.three', child.pid);
    process.kill(child.pid, 'SIGKILL');
    await once(child, 'exit');
    assert.ok(!isRunning(record));
    assert.equal(runningProcess(run, 'peer.three'), undefined);
  });

  it('is not made for a process that has ended', async () => {
    const child = await sleeper();
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.throws(() => recordProcess(run, 'peer.four', child.pid), /peer\.four ended at once/);
  });

  for (const content of [
    '',
    '{',
    'null',
    '[]',
    '{"pid":1,"identity":"x"}',
    '{"pid":"7"}',
    '{"pid":-5,"identity":"x"}',
  ]) {
    it(`is ignored when it holds ${JSON.stringify(content)}`, async () => {
      writeFileSync(join(run, 'broken.json'), content);
      assert.equal(runningProcess(run, 'broken'), undefined);
      assert.equal(await stopProcess(run, 'broken', 1), false);
    });
  }

  it('knows no identity of a number that nobody has', () => {
    assert.equal(processIdentity(2 ** 22 + 5), undefined);
    assert.notEqual(processIdentity(process.pid), undefined);
  });
});

describe('stopping a process', () => {
  it('asks first and forgets the record', async () => {
    const child = await sleeper(
      "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)",
    );
    recordProcess(run, 'orderer.one', child.pid);
    const ended = once(child, 'exit');
    assert.equal(await stopProcess(run, 'orderer.one', 5), true);
    assert.deepEqual(await ended, [0, null]);
    assert.ok(!readdirSync(run).includes('orderer.one.json'));
  });

  it('ends a process that does not listen', async () => {
    const child = await sleeper("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
    recordProcess(run, 'orderer.two', child.pid);
    const ended = once(child, 'exit');
    assert.equal(await stopProcess(run, 'orderer.two', 0.3), true);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  });
});
