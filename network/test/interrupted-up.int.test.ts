import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildBinaries, down, status } from '../src/index.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
/** Away from a network that a developer may be running, and from the other tests'. */
const PORT_OFFSET = '2500';
const data = mkdtempSync(join(tmpdir(), 'interrupted-'));
/** Where the command keeps the network in its data folder. */
const dataDir = join(data, 'network');

afterAll(async () => {
  await down({ dataDir });
  rmSync(data, { recursive: true, force: true });
});

/** Runs `up` and kills it `delay` ms after it tells of `step`; returns how it ended. */
async function upKilled(step?: string, delay = 0): Promise<number | string | null> {
  const args = ['--data', data, '--trust', join(data, 'trust.json'), '--port-offset', PORT_OFFSET];
  const child = spawn(process.execPath, [CLI, 'up', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let killing = false;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (step === undefined || killing || !output.includes(step)) return;
    killing = true;
    void sleep(delay).then(() => child.kill('SIGKILL'));
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? code;
}

describe('an up that is killed', () => {
  for (const [step, delay] of [
    ['Issue identities', 1500],
    ['Make the first block', 0],
    ['Start orderers', 60],
    ['Agree on the chaincode', 60],
    ['Agree on the chaincode', 200],
  ] as const) {
    it(`${delay} ms into “${step}” leaves nothing that the next one cannot take up`, async () => {
      await buildBinaries();
      assert.equal(await upKilled(step, delay), 'SIGKILL');
    });
  }

  it('is completed by one that is not', async () => {
    assert.equal(await upKilled(), 0);
    assert.equal((await status({ dataDir })).up, true);
  });
});
