import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, runningProcess, selfRecording } from '../src/processes/pid-record.ts';
import { processIdentity } from '../src/processes/process-identity.ts';
import { stopProcess } from '../src/processes/stop-process.ts';

const run = mkdtempSync(join(tmpdir(), 'pid-record-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(run, { recursive: true });
});

/** Starts a process that records itself; resolves when it runs its script. */
async function recorded(
  name: string,
  script = 'setInterval(() => {}, 1000)',
  variant?: string,
): Promise<ChildProcess & { pid: number }> {
  const line = [process.execPath, '-e', `${script}; process.send('ready')`];
  const [command, args] = selfRecording(run, name, line, variant);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child as ChildProcess & { pid: number };
}

describe('a pid record', () => {
  it('names the process that wrote it', async () => {
    const child = await recorded('peer.one', undefined, 'label:0123');
    assert.deepEqual(runningProcess(run, 'peer.one'), {
      pid: child.pid,
      identity: processIdentity(child.pid),
      variant: 'label:0123',
    });
  });

  it('does not take a process for the one that had its number before', async () => {
    const child = await recorded('peer.two');
    const record = runningProcess(run, 'peer.two')!;
    const earlier = { pid: child.pid, identity: `${record.identity}0` };
    writeFileSync(join(run, 'peer.two.json'), JSON.stringify(earlier));
    assert.equal(runningProcess(run, 'peer.two'), undefined);
    assert.equal(await stopProcess(run, 'peer.two', 1), false);
    assert.ok(isRunning(record), 'the stranger still runs');
  });

  it('tells an ended process', async () => {
    const child = await recorded('peer.three');
    const record = runningProcess(run, 'peer.three')!;
    const ended = once(child, 'exit');
    process.kill(child.pid, 'SIGKILL');
    await ended;
    assert.ok(!isRunning(record));
    assert.equal(runningProcess(run, 'peer.three'), undefined);
  });

  it('takes a process that its parent has not collected for ended', async () => {
    const parent = spawn('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(parent);
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(output.toString());
    for (let i = 0; i < 100 && processIdentity(zombie) !== undefined; i += 1) await sleep(20);
    assert.doesNotThrow(() => process.kill(zombie, 0), 'the number is still taken');
    assert.equal(processIdentity(zombie), undefined);
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
    const child = await recorded(
      'orderer.one',
      "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)",
    );
    const ended = once(child, 'exit');
    assert.equal(await stopProcess(run, 'orderer.one', 5), true);
    assert.deepEqual(await ended, [0, null]);
    assert.ok(!readdirSync(run).includes('orderer.one.json'));
  });

  it('ends a process that does not listen', async () => {
    const child = await recorded(
      'orderer.two',
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)",
    );
    const ended = once(child, 'exit');
    assert.equal(await stopProcess(run, 'orderer.two', 0.3), true);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  });
});
