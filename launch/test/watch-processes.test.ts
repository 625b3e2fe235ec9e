import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '@chartseal/network/lock';
import { runningProcess } from '@chartseal/network/pid-record';
import { startProcess } from '@chartseal/network/start-process';
import { stopProcess } from '@chartseal/network/stop-process';
import { layoutOf } from '@chartseal/network/layout';
import { watchProcesses } from '../src/watch-processes.ts';

const EVERY = 150;
const root = mkdtempSync(join(tmpdir(), 'watch-processes-'));
const layout = layoutOf(root);
const names = ['orderer.a', 'orderer.b'];
const quit = new AbortController();

const begin = (name: string) =>
  startProcess(layout, { name, command: 'sleep', args: ['60'], env: {}, cwd: root });
const stop = (name: string) => stopProcess(layout.run, name, 5);
const onRecord = async () => {
  while (names.some((name) => runningProcess(layout.run, name) === undefined)) await sleep(10);
};

afterAll(async () => {
  quit.abort();
  await Promise.all(names.map(stop));
  rmSync(root, { recursive: true });
});

describe('the watch over the processes of a network', () => {
  let told: string[] = [];
  watchProcesses(
    { names, run: layout.run, lock: layout.lock, told: (name, end) => told.push(`${name} ${end}`) },
    quit.signal,
    EVERY,
  );

  beforeEach(async () => {
    names.forEach(begin);
    await onRecord();
    await sleep(3 * EVERY);
    told = [];
  });

  it('tells once of one that dies, also while a command is at work', async () => {
    await withLock(layout.lock, async () => {
      process.kill(runningProcess(layout.run, 'orderer.a')?.pid ?? 0, 'SIGKILL');
      await sleep(5 * EVERY);
    });
    assert.deepEqual(told, ['orderer.a died']);
  });

  it('tells what a command has stopped from what has died', async () => {
    await withLock(layout.lock, () => Promise.all(names.map(stop)));
    await sleep(5 * EVERY);
    assert.deepEqual(told, ['orderer.a stopped', 'orderer.b stopped']);
  });

  it('is silent when a command stops a process and starts it again', async () => {
    await withLock(layout.lock, async () => {
      await stop('orderer.b');
      await sleep(5 * EVERY);
      begin('orderer.b');
      await onRecord();
    });
    await sleep(4 * EVERY);
    assert.deepEqual(told, []);
  });
});
