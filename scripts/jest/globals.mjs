// Tests get this file when they import @jest/globals, which itself can be loaded inside Jest's own module system only.
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';

export const jest = {
  /** The time that each test and hook of this file has unless it names its own (ms). */
  setTimeout(ms) {
    globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = ms;
    return jest;
  },
};
