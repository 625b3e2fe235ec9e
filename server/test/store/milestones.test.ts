import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  EMPTY_LOG,
  extendLog,
  NOTHING_FOLLOWS,
  type Milestone,
  type LogEnd,
} from '../../src/store/milestones.ts';

/** Versions in the order of their commits: mostly later and later, in steps of what is written together. */
const log = fc
  .array(
    fc.record({
      step: fc.oneof(
        { arbitrary: fc.nat({ max: 9 }), weight: 40 },
        { arbitrary: fc.integer({ min: -900, max: 900 }), weight: 1 },
      ),
      gap: fc.oneof({ arbitrary: fc.constant(1), weight: 30 }, fc.integer({ min: 2, max: 300 })),
      last: fc.boolean(),
    }),
    { minLength: 1, maxLength: 900, size: 'max' },
  )
  .map((steps) => {
    let lastUpdated = 10_000;
    let place = 0;
    return steps.map(({ step, gap, last }) => {
      lastUpdated += step;
      place += gap;
      return { place, lastUpdated, last };
    });
  });

describe('milestones of the log', () => {
  it('tell the latest instant before them and the earliest behind, however versions are written', () => {
    let seen = 0;
    fc.assert(
      fc.property(log, (versions) => {
        let end: LogEnd = EMPTY_LOG;
        let kept: Milestone[] = [];
        let together: { place: number; lastUpdated: number }[] = [];
        for (const [i, version] of versions.entries()) {
          together.push(version);
          if (!version.last && i + 1 < versions.length) continue;
          const { end: next, added, lowered = NOTHING_FOLLOWS } = extendLog(end, together);
          kept = kept.map((each) => ({ ...each, floor: Math.min(each.floor, lowered) }));
          kept.push(...added);
          end = next;
          together = [];
        }
        seen += kept.length;
        for (const { place, reach, floor } of kept) {
          const before = versions.filter((each) => each.place <= place);
          const behind = versions.filter((each) => each.place > place);
          assert.equal(reach, Math.max(...before.map(({ lastUpdated }) => lastUpdated)));
          const least = Math.min(NOTHING_FOLLOWS, ...behind.map(({ lastUpdated }) => lastUpdated));
          assert.equal(floor, least);
        }
        const unmarked = versions.filter(({ place }) => place > (kept.at(-1)?.place ?? 0));
        assert.ok(unmarked.length < 128, `${unmarked.length} versions behind the last milestone`);
      }),
      { numRuns: 60 },
    );
    assert.ok(seen > 100, `only ${seen} milestones`);
  });
});
