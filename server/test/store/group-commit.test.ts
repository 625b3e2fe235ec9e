import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { GroupCommit } from '../../src/store/group-commit.ts';
import type { PendingSet } from '../../src/store/group-commit.ts';
import type { WriteSet } from '../../src/store/store.ts';
import { aLeaf, anObservation } from '../support/store-samples.ts';

function leafSet(id: string): WriteSet {
  return { leaves: [aLeaf(id)] };
}

function idsOf(group: readonly PendingSet[]): string {
  return group.map(({ set }) => set.leaves?.[0]?.id).join(' ');
}

describe('GroupCommit', () => {
  it('commits what arrives within one turn together, in order of arrival', async () => {
    const groups: string[] = [];
    const commits = new GroupCommit((group) => {
      groups.push(idsOf(group));
      for (const { resolve } of group) resolve();
    });
    await Promise.all(['a', 'b', 'c'].map((id) => commits.submit(leafSet(id))));
    await commits.submit(leafSet('d'));
    assert.deepEqual(groups, ['a b c', 'd']);
  });

  it('gathers the next group while one commits, and never commits two at once', async () => {
    const groups: string[] = [];
    let underWay = 0;
    const begun = Promise.withResolvers<undefined>();
    const commits = new GroupCommit(async (group) => {
      underWay += 1;
      assert.equal(underWay, 1);
      groups.push(idsOf(group));
      begun.resolve(undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
      for (const { resolve } of group) resolve();
    });
    const first = commits.submit(leafSet('a'));
    await begun.promise;
    const later = ['b', 'c'].map((id) => commits.submit(leafSet(id)));
    await Promise.all([first, ...later]);
    assert.deepEqual(groups, ['a', 'b c']);
  });

  it('bounds a group, but takes a set of any size', async () => {
    const sizes: number[] = [];
    const commits = new GroupCommit((group) => {
      sizes.push(group.length);
      for (const { resolve } of group) resolve();
    });
    const usual = Array.from({ length: 300 }, (_, i) =>
      anObservation({ id: `o${i}`, patient: 'p', code: 'c', at: i }),
    );
    const huge: WriteSet = { leaves: Array.from({ length: 9_000 }, (_, i) => aLeaf(`l${i}`)) };
    await Promise.all([...usual, huge, leafSet('last')].map((set) => commits.submit(set)));
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      302,
    );
    assert.ok(Math.max(...sizes) <= 130, `the largest group had ${Math.max(...sizes)} sets`);
    assert.ok(sizes.includes(1));
  });

  it('is idle only when every set submitted before is settled', async () => {
    let settled = 0;
    const commits = new GroupCommit(async (group) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      settled += group.length;
      for (const { resolve } of group) resolve();
    });
    await commits.idle();
    void commits.submit(leafSet('a'));
    await commits.idle();
    assert.equal(settled, 1);
  });
});
