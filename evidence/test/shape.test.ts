import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../src/refusal.ts';
import {
  agreeing,
  count,
  dictionary,
  faultsOf,
  flag,
  integer,
  list,
  object,
  oneOf,
  text,
} from '../src/shape.ts';

const shape = agreeing(
  object(
    {
      kind: oneOf('a', 'b'),
      items: list(object({ size: count }, { final: flag }), 3),
      byName: dictionary(/^[a-z]$/, integer(1, 9, 'a digit from 1'), 2),
    },
    { note: text(/^n/, 'a note') },
  ),
  function* ({ items, byName }) {
    if ((items?.length ?? 0) < Object.keys(byName ?? {}).length) yield 'more names than items';
  },
);
const GOOD = { kind: 'a', items: [{ size: 0 }, { size: 1, final: true }], byName: { a: 9 } };

describe('a shape', () => {
  it('has no fault to name where the value is of it', () => {
    assert.deepEqual(faultsOf(shape, GOOD, 'it'), []);
    assert.deepEqual(shape(GOOD, 'it'), GOOD);
  });

  it('names every fault when asked for all, in its own order', () => {
    const bad = {
      more: 1,
      'not a name': 2,
      items: [{ size: -1, final: 0 }, 7, { size: 0, other: 1 }],
      byName: { a: 10, b: 0 },
      note: 'x',
    };
    assert.deepEqual(faultsOf(shape, bad, 'it'), [
      'it has an unknown member: more',
      'it has an unknown member',
      'it.kind must be present',
      'it.items[0].size must be an integer from 0',
      'it.items[0].final must be true or false',
      'it.items[1] must be an object',
      'it.items[2] has an unknown member: other',
      'it.byName.* must be a digit from 1',
      'it.byName.* must be a digit from 1',
      'it.note must be a note',
    ]);
  });

  it('tells what does not agree beside what is malformed', () => {
    const bad = { ...GOOD, kind: 'c', items: [] };
    assert.deepEqual(faultsOf(shape, bad, 'it'), [
      'it.kind must be one of a, b',
      'more names than items',
    ]);
  });

  it('refuses a value with the first of its faults, and only one that has some', () => {
    const part = (...values: unknown[]) =>
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, fc.jsonValue({ maxDepth: 2 }));
    const item = fc.record(
      { size: part(0, 5), final: part(true, false), x: fc.constant(1) },
      { requiredKeys: [], noNullPrototype: true },
    );
    const value = fc.record(
      {
        kind: part('a', 'b'),
        items: fc.oneof(fc.array(item, { maxLength: 4 }), part([], GOOD.items)),
        byName: part({}, { a: 1 }, { a: 1, b: 2 }, { A: 1, b: 0 }),
        note: part('n'),
        z: fc.constant(0),
      },
      { requiredKeys: ['kind', 'items', 'byName'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.oneof(value, fc.jsonValue()), (given) => {
        const [first] = faultsOf(shape, given, '');
        if (first === undefined) {
          assert.deepEqual(shape(given, ''), given);
          return;
        }
        assert.throws(
          () => shape(given, ''),
          (error) => error instanceof Refusal && error.message === first,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('lets an error that is no refusal through', () => {
    const broken = object({
      kind: () => {
        throw new TypeError('broken');
      },
    });
    assert.throws(() => faultsOf(broken, { kind: 1 }, 'it'), TypeError);
  });
});
