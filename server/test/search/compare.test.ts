import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compareText,
  comparisons,
  dateRange,
  numberRange,
  prefixEnd,
  urisAbove,
} from '../../src/search/compare.ts';
import type { Range } from '../../src/search/compare.ts';
import type { Prefix } from '../../src/search/query.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 6 }))
  .map(([low, width]) => ({ low, high: low + width }));

const points = Array.from({ length: 30 }, (_, i) => i - 2);
const within = ({ low, high }: Range) => points.filter((point) => low <= point && point < high);

/** The words of R4, over whole points instead of bounds. */
const meaning: Readonly<Record<Prefix, (entry: Range, searched: Range) => boolean>> = {
  eq: (e, s) => within(e).every((point) => within(s).includes(point)),
  ne: (e, s) => !meaning.eq(e, s),
  gt: (e, s) => within(e).some((point) => point >= s.high),
  lt: (e, s) => within(e).some((point) => point < s.low),
  ge: (e, s) => meaning.gt(e, s) || meaning.eq(e, s),
  le: (e, s) => meaning.lt(e, s) || meaning.eq(e, s),
  sa: (e, s) => within(e).every((point) => point >= s.high),
  eb: (e, s) => within(e).every((point) => point < s.low),
  ap: (e, s) => within(e).some((point) => within(s).includes(point)),
  co: (e, s) => within(s).every((point) => within(e).includes(point)),
};

describe('comparisons', () => {
  for (const prefix of Object.keys(comparisons) as Prefix[]) {
    it(`${prefix} is what R4 says of ranges`, () => {
      fc.assert(
        fc.property(range, range, (entry, searched) => {
          assert.equal(comparisons[prefix](entry, searched), meaning[prefix](entry, searched));
        }),
        { numRuns: 2_000 },
      );
    });
  }
});

describe('ranges', () => {
  it('take an empty date range as the millisecond it names', () => {
    assert.deepEqual(dateRange(5, 5), { low: 5, high: 6 });
    assert.deepEqual(dateRange(5, 9), { low: 5, high: 9 });
  });

  it('take an empty number range as exactly that number', () => {
    for (const value of [0, -0, 1, -1, 100, 0.1, -0.1, 1e-320, -5e-324, 1e300, -1e300]) {
      const { low, high } = numberRange(value, value);
      assert.equal(low, value);
      assert.ok(high > low);
      assert.ok(
        (low + high) / 2 === low || (low + high) / 2 === high,
        `nothing lies in between at ${value}`,
      );
    }
  });

  it('keep open ends comparable and refuse what is not a number', () => {
    assert.deepEqual(numberRange(-Infinity, Infinity), {
      low: -Number.MAX_VALUE,
      high: Number.MAX_VALUE,
    });
    assert.throws(() => numberRange(NaN, 1), RangeError);
  });
});

describe('prefixEnd', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '\uD7FF', '\uE000', '\u{FFFF}', '\u{10000}', '\u{10FFFF}'),
    maxLength: 4,
  });

  it('bounds exactly the texts that begin so, in the order of code points', () => {
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const end = prefixEnd(prefix);
        const inside =
          compareText(other, prefix) >= 0 && (end === undefined || compareText(other, end) < 0);
        assert.equal(inside, other.startsWith(prefix));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('urisAbove', () => {
  it('lists each path above, with and without its slash', () => {
    assert.deepEqual(urisAbove('a/b/c'), ['a/b/c', 'a/b/', 'a/b', 'a/', 'a']);
    assert.deepEqual(urisAbove('urn:oid:1.2'), ['urn:oid:1.2']);
    assert.deepEqual(urisAbove(''), ['']);
  });
});
