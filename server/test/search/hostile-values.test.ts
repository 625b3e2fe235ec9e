import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { assertHarmless, targets, type Target } from '../support/hostile-queries.ts';
import { hostileValues } from '../support/hostile-values.ts';
import { BASE, r4 } from '../support/r4.ts';

function timeOf(target: Target, value: string): number {
  const start = performance.now();
  assertHarmless(r4, target, value);
  return performance.now() - start;
}

describe('hostile values of search parameters', () => {
  const values = hostileValues();
  const all = targets(r4);

  it('are many', () => {
    assert.ok(values.length >= 600, `${values.length} values`);
    assert.ok(all.length > 30_000, `${all.length} parameters with modifiers`);
  });

  it('are refused or become plain data, in either database', () => {
    const understood = { yes: 0, no: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat({ max: values.length - 1 }), (target, at) => {
        const value = values[at] ?? '';
        understood[assertHarmless(r4, target, value) ? 'yes' : 'no'] += 1;
      }),
      { numRuns: 20_000 },
    );
    assert.ok(understood.yes > 500 && understood.no > 500, JSON.stringify(understood));
  });

  it('are read in no time, each', () => {
    for (const type of ['Observation', 'Patient']) {
      for (const name of [
        'code',
        'name',
        'value-quantity',
        '_filter',
        '_sort',
        '_has',
        '_include',
      ]) {
        for (const value of values) {
          // The machine may be busy with something else: what is slow by itself is slow again.
          const took = Math.min(...[1, 2, 3].map(() => timeOf({ type, name }, value)));
          assert.ok(took < 100, `${type}?${name}=${value.slice(0, 40)} took ${took} ms`);
        }
      }
    }
  });
});

describe('a search of all types', () => {
  const parse = (query: string) =>
    r4.parseSearchOfTypes(r4.resourceTypes, new URLSearchParams(query), {
      handling: 'strict',
      base: BASE,
    });

  it('reads long lists of elements and includes at once', () => {
    // An element of the last type.
    const elements = `_elements=${Array(400).fill('lensSpecification').join()}`;
    const includes = (count: number) =>
      Array(count).fill('_revinclude=VisionPrescription:patient').join('&');
    parse(`${elements}&${includes(1)}`);
    const times = [1, 2, 3].map(() => {
      const started = performance.now();
      parse(`${elements}&${includes(32)}`);
      return performance.now() - started;
    });
    assert.ok(Math.min(...times) < 100, times.join());
    assert.throws(() => parse(includes(33)), /_revinclude: there are too many/);
    assert.throws(() => parse('_elements=nonsense'), /no other type .* has no element nonsense/);
  });
});
