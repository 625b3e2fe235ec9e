import assert from 'node:assert/strict';
import { ask } from './fhir-client.ts';
import { eventually } from './processes.ts';
import { delay } from './stack.ts';

/** How many reads in a row, a second apart, must be answered. */
const READS = 6;

/**
 * Resolves when the ledger orders steadily. An ordering node that was started again has to catch up, and may be the
 * leader next: until then a transaction now and then is not decided in time.
 */
export function untilSteady(): Promise<void> {
  return eventually(120_000, async () => {
    for (let i = 0; i < READS; i += 1) {
      const { status, text } = await ask('doctor', 'Patient/demo-b');
      assert.equal(status, 200, text);
      await delay(1_000);
    }
  });
}
