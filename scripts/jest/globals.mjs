// Tests get this file when they import @jest/globals, which itself can be loaded inside Jest's own module system only.
import { it, test } from 'jest-circus';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';

// A test that is expected to fail proves nothing, and would be counted as passed.
delete it.failing;
delete test.failing;

export const jest = {
  /** The time that each test and hook of this file has unless it names its own (ms). */
  setTimeout(ms) {
    globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = ms;
    return jest;
  },
};
