import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';

const MEMBERS = { organisations: ['HospitalMSP'], auditor: 'HospitalMSP' };
const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
const count = (): number[] => EVENTS.map((event) => process.listenerCount(event));

describe('loading the contracts', () => {
  it('leaves it to the process what an error nobody handles does', async () => {
    const before = count();
    await import('../src/memory-stub.ts');
    assert.deepEqual(count(), before);
    await import('../src/serve.ts').then(({ newChaincode }) => newChaincode(MEMBERS));
    assert.ok(
      count().some((listeners, i) => listeners > (before[i] ?? 0)),
      'control: the shim itself does add listeners',
    );
  });
});
