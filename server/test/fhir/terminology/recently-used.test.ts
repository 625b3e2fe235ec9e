import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { RecentlyUsed } from '../../../src/fhir/terminology/recently-used.ts';

describe('what was used recently', () => {
  const counted = (limit: number) => {
    const made: string[] = [];
    const kept = new RecentlyUsed<string>(limit);
    const get = (key: string, weight = 1): string =>
      kept.get(key, () => {
        made.push(key);
        return [key.toUpperCase(), weight];
      });
    return { made, get };
  };

  it('is made once', () => {
    const { made, get } = counted(10);
    assert.deepEqual(
      ['a', 'b', 'a', 'a'].map((key) => get(key)),
      ['A', 'B', 'A', 'A'],
    );
    assert.deepEqual(made, ['a', 'b']);
  });

  it('stays, while what was not used is made again', () => {
    const { made, get } = counted(10);
    for (let i = 0; i < 20; i += 1) {
      get('often');
      get(`once-${i}`);
    }
    assert.equal(made.filter((key) => key === 'often').length, 1);
    get('once-0');
    assert.equal(made.filter((key) => key === 'once-0').length, 2);
  });

  it('makes way for something heavy, which is kept too', () => {
    const { made, get } = counted(10);
    get('heavy', 100);
    get('heavy', 100);
    assert.deepEqual(made, ['heavy']);
    get('b');
    get('c', 100);
    get('heavy', 100);
    assert.equal(made.filter((key) => key === 'heavy').length, 2);
  });

  it('keeps nothing of what fails', () => {
    const kept = new RecentlyUsed<string>(10);
    const fail = (): never => {
      throw new Error('no');
    };
    assert.throws(() => kept.get('a', fail), /no/);
    assert.equal(
      kept.get('a', () => ['A', 1]),
      'A',
    );
  });
});
