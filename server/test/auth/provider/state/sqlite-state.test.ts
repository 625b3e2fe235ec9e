import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { openStateFile } from '../../../../src/auth/provider/state/sqlite/sqlite-state.ts';

describe('the state file', () => {
  const at = (clock: () => number, path = ':memory:') => openStateFile(path, clock);

  it('forgets what has expired, and lets its id be used again', async () => {
    let now = 1_000_000;
    const state = at(() => now);
    const replays = state.adapter('ReplayDetection');
    await replays.upsert('x', { jti: 'x' }, 60);
    await assert.rejects(replays.upsert('x', { jti: 'x' }, 60), { error: 'invalid_client' });
    now += 59_000;
    assert.ok(await replays.find('x'));
    now += 1_000;
    assert.equal(await replays.find('x'), undefined);
    const sessions = state.adapter('Session');
    for (let i = 0; i < 300; i++) await sessions.upsert(`s${i}`, {}, 60);
    await replays.upsert('x', { jti: 'x' }, 60);
    state.close();
  });

  it('consumes a code once', async () => {
    const codes = at(() => 0).adapter('AuthorizationCode');
    await codes.upsert('c', { grantId: 'g' }, 60);
    await codes.consume('c');
    await assert.rejects(codes.consume('c'), { error: 'invalid_grant' });
    assert.deepEqual(await codes.find('c'), { grantId: 'g', consumed: 0 });
    await assert.rejects(codes.consume('unknown'), { error: 'invalid_grant' });
  });

  it('ends what hangs on a grant, and nothing else', async () => {
    const codes = at(() => 0).adapter('AuthorizationCode');
    await codes.upsert('a', { grantId: 'g' }, 60);
    await codes.upsert('b', { grantId: 'h' }, 60);
    await codes.revokeByGrantId('g');
    assert.equal(await codes.find('a'), undefined);
    assert.ok(await codes.find('b'));
    await codes.destroy('b');
    assert.equal(await codes.find('b'), undefined);
  });

  it('keeps models apart, and is shared by processes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'state-'));
    const path = join(folder, 'new', 'state.sqlite');
    const one = at(() => 0, path);
    const two = at(() => 0, path);
    await one.adapter('Session').upsert('x', { uid: 'u' }, 60);
    assert.deepEqual(await two.adapter('Session').find('x'), { uid: 'u' });
    assert.deepEqual(await two.adapter('Session').findByUid('u'), { uid: 'u' });
    assert.equal(await two.adapter('Grant').find('x'), undefined);
    await one.adapter('ReplayDetection').upsert('x', {}, 60);
    await assert.rejects(two.adapter('ReplayDetection').upsert('x', {}, 60), {
      error: 'invalid_client',
    });
    for (const file of readdirSync(dirname(path))) {
      assert.equal(statSync(join(dirname(path), file)).mode & 0o777, 0o600, file);
    }
    one.close();
    two.close();
    rmSync(folder, { recursive: true });
  });
});
