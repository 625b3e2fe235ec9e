import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { BASE, r4 } from '../support/r4.ts';

const filterOf = (name: string): string =>
  JSON.stringify(
    r4.parseSearch('PlanDefinition', [[name, 'terminology']], { handling: 'strict', base: BASE })
      .query.filter,
  );

describe('a chain to the words of a resource', () => {
  it('asks the resource it leads to, and never the words of the one that contains it', () => {
    for (const code of ['_text', '_content']) {
      const filter = filterOf(`depends-on:Library.${code}`);
      assert.match(filter, new RegExp(`"op":"text","param":"${code}"`));
      assert.doesNotMatch(filter, /"op":"text","param":"depends-on/);
    }
    // Of other parameters contained resources are asked too.
    assert.match(filterOf('depends-on:Library.title'), /"param":"depends-on:Library\.title"/);
  });

  it('asks no contained resource when it was updated, negated or not', () => {
    for (const prefix of ['', 'ne', 'gt']) {
      const pair = ['depends-on:Library._lastUpdated', `${prefix}2024`] as const;
      const { query } = r4.parseSearch('PlanDefinition', [pair], {
        handling: 'strict',
        base: BASE,
      });
      const [chain] = query.filter.op === 'and' ? query.filter.all : [];
      assert.ok(chain?.op === 'chain');
      assert.equal(chain.contained, undefined, prefix);
    }
  });
});
