import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { FollowedRecords } from '../../src/store/followed-records.ts';
import type { RecordNews } from '../../src/store/record-store.ts';

/** A collection that other servers write to, whose answers wait until they are let go. */
function heldBack() {
  const stored = new Map<string, string>();
  let revision = 0;
  const asked: (() => void)[] = [];
  const taken = new Map<string, string>();
  const newsOf = async (): Promise<RecordNews> => {
    const news = { revision, records: new Map([...stored].map(([k, v]) => [k, Buffer.from(v)])) };
    await new Promise<void>((resolve) => asked.push(resolve));
    return news;
  };
  const followed = new FollowedRecords({ newsOf }, 'c', (key, value) =>
    taken.set(key, Buffer.from(value).toString()),
  );
  const write = (key: string, value: string): void => {
    revision += 1;
    stored.set(key, value);
  };
  return { followed, write, asked, taken };
}

describe('records that are followed', () => {
  it('are as new as what was acknowledged before the call, also when a question is under way', async () => {
    const { followed, write, asked, taken } = heldBack();
    write('a', 'old');
    const before = followed.catchUp();
    write('a', 'new');
    const after = [followed.catchUp(), followed.catchUp()];
    assert.equal(asked.length, 1);
    asked[0]?.();
    await before;
    assert.equal(taken.get('a'), 'old');
    for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
    asked[1]?.();
    await Promise.all(after);
    assert.equal(taken.get('a'), 'new');
    assert.equal(asked.length, 2, 'whoever waited has shared a question');
  });

  it('are asked for again after a failure, and whoever asked is told of it', async () => {
    let fails = true;
    const newsOf = (): Promise<RecordNews> =>
      fails
        ? Promise.reject(new Error('gone'))
        : Promise.resolve({ revision: 1, records: new Map([['a', Buffer.of(1)]]) });
    const taken: string[] = [];
    const followed = new FollowedRecords({ newsOf }, 'c', (key) => taken.push(key));
    const both = await Promise.allSettled([followed.catchUp(), followed.catchUp()]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    fails = false;
    await followed.catchUp();
    assert.deepEqual(taken, ['a']);
  });
});
