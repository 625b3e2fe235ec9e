import TestSequencer from '@jest/test-sequencer';

/** Test files by their names, always: the last of the acceptance needs a stack that is minutes old. */
export default class ByName extends TestSequencer {
  sort(tests) {
    return tests.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
}
