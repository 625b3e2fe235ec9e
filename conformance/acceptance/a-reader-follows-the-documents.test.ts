import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { clone } from './support/clone.ts';
import { notRun } from './support/not-run.ts';
import { startOrderers } from './support/processes.ts';
import { untilSteady } from './support/steady.ts';
import { documentsOf, shellBlocksOf, showsOutput } from './support/shell-blocks.ts';
import { shellSession, type ShellSession } from './support/shell-session.ts';

jest.setTimeout(600_000);

/** Milliseconds that all lines of a block may take together. */
const patience = 120_000;

// Named to run first: the README shows what is there after the first start.
describe('a reader who types what the documents say', () => {
  afterAll(async () => {
    // A block that failed half way must not fail the other tests too.
    await startOrderers('pharmacy', 'insurer', 'auditor');
    await untilSteady();
  });

  const files = documentsOf(clone).filter((file) => file !== 'README.md');
  for (const file of ['README.md', ...files]) {
    const blocks = shellBlocksOf(clone, file).filter(
      ({ script }) => !notRun.some((each) => each.file === file && each.script === script),
    );
    if (blocks.length === 0) continue;
    describe(file, () => {
      let session: ShellSession;
      beforeAll(() => {
        session = shellSession();
      });
      afterAll(() => session.close());

      for (const { line, script, shown } of blocks) {
        it(`sees what is printed below line ${line}`, async () => {
          const printed = await session.run(script, patience);
          // Compared as text only when it differs, so that the report shows both.
          if (!showsOutput(shown, printed)) assert.equal(printed, shown);
        });
      }
    });
  }
});
