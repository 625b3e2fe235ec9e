import { rmSync } from 'node:fs';
import { keepEarlyToken } from './early-token.ts';
import { dataDir, startStack, stopStack } from './stack.ts';

/** Called by the test runner before the first file: a stack without any data. */
export async function globalSetup(): Promise<void> {
  rmSync(dataDir, { recursive: true, force: true });
  const { took } = await startStack();
  console.log(`the stack was ready after ${(took / 1000).toFixed(1)} s`);
  await keepEarlyToken();
}

/** Called after the last file. */
export async function globalTeardown(): Promise<void> {
  await stopStack();
}
