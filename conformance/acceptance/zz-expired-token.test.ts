import assert from 'node:assert/strict';
import { describe, it, jest } from '@jest/globals';
import { earlyToken } from './support/early-token.ts';
import { askWith, outcomeOf, token } from './support/fhir-client.ts';
import { delay } from './support/stack.ts';

jest.setTimeout(400_000);

/** Milliseconds by which clocks may differ before a server takes an expired token for what it is. */
const tolerance = 35_000;

// Named to run last: by then most of the token's life has passed anyway.
describe('a token from the beginning of the run', () => {
  it('lives five minutes at most, and is refused afterwards', async () => {
    const { value, expires } = earlyToken();
    const issued = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as {
      iat: number;
    };
    assert.ok(expires / 1000 - issued.iat <= 300);
    await delay(Math.max(0, expires + tolerance - Date.now()));
    outcomeOf(await askWith(value, 'Patient/demo-b'), 401);
    assert.equal((await askWith(await token('system'), 'Patient/demo-b')).status, 200);
  });
});
