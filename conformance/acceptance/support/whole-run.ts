import { join } from 'node:path';
import { down } from '@chartseal/network/down';
import { makeClone } from './clone.ts';
import { keepEarlyToken } from './early-token.ts';
import { dataDir, startStack, stopStack } from './stack.ts';

/** Called by the test runner before the first file: a stack without any data. */
export async function globalSetup(): Promise<void> {
  // What an interrupted run may have left.
  await stopStack();
  await down({ dataDir: join(dataDir, 'network') });
  makeClone();
  const { took } = await startStack();
  console.log(`the stack was ready after ${(took / 1000).toFixed(1)} s`);
  await keepEarlyToken();
}

/** Called after the last file. */
export async function globalTeardown(): Promise<void> {
  await stopStack();
  // A failed test may have started orderers after the stack had been stopped.
  await down({ dataDir: join(dataDir, 'network') });
}
