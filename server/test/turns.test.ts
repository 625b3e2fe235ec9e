import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from '@jest/globals';
import { Turns } from '../src/turns.ts';

describe('turns', () => {
  it('are taken one after the other by those who want the same, in their order, also after a failure', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const act = (name: string, fails = false) =>
      turns.take('same', async () => {
        seen.push(`${name} begins`);
        await setImmediate();
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const outcomes = await Promise.allSettled([act('a'), act('b', true), act('c')]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.status)),
      ['a', 'rejected', 'c'],
    );
    assert.deepEqual(
      seen,
      ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('of those who want different things do not wait for each other', async () => {
    const turns = new Turns();
    const never = turns.take('one', () => new Promise(() => undefined));
    assert.equal(await turns.take('other', () => Promise.resolve('done')), 'done');
    assert.ok(never instanceof Promise);
  });

  it('are quiet when nobody acts', async () => {
    const turns = new Turns();
    let done = false;
    await turns.quiet('same');
    const acting = turns.take('same', async () => {
      await setImmediate();
      done = true;
      throw new Error('in vain');
    });
    await turns.quiet('same');
    assert.ok(done);
    await assert.rejects(acting, /in vain/);
  });
});
