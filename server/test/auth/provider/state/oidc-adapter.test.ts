import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { oidcAdapter } from '../../../../src/auth/provider/state/oidc-adapter.ts';
import { openSqliteState } from '../../../../src/auth/provider/state/sqlite/sqlite-state.ts';

describe('the state as oidc-provider reaches it', () => {
  const open = () => openSqliteState({ stateFile: ':memory:', keysFile: '' }, () => 0);

  it('refuses an assertion id that was used', async () => {
    const replays = oidcAdapter(open(), 'ReplayDetection', () => 0);
    await replays.upsert('x', { jti: 'x' }, 60);
    await assert.rejects(replays.upsert('x', { jti: 'x' }, 60), { error: 'invalid_client' });
    await replays.upsert('y', { jti: 'y' }, 60);
  });

  it('refuses a code that was redeemed, and says when that was', async () => {
    const codes = oidcAdapter(open(), 'AuthorizationCode', () => 0);
    await codes.upsert('c', { grantId: 'g' }, 60);
    await codes.consume('c');
    await assert.rejects(codes.consume('c'), { error: 'invalid_grant' });
    assert.deepEqual(await codes.find('c'), { grantId: 'g', consumed: 0 });
    await assert.rejects(codes.consume('unknown'), { error: 'invalid_grant' });
  });

  it('ends codes with their grant, and finds sessions by their other name', async () => {
    const state = open();
    const codes = oidcAdapter(state, 'AuthorizationCode', () => 0);
    await codes.upsert('a', { grantId: 'g' }, 60);
    await codes.upsert('b', { grantId: 'h' }, 60);
    await codes.revokeByGrantId('g');
    assert.equal(await codes.find('a'), undefined);
    assert.deepEqual(await codes.find('b'), { grantId: 'h' });
    const sessions = oidcAdapter(state, 'Session', () => 0);
    await sessions.upsert('s', { uid: 'u', grantId: 'h' });
    assert.deepEqual(await sessions.findByUid('u'), { uid: 'u', grantId: 'h' });
    await sessions.revokeByGrantId('h');
    assert.ok(await sessions.find('s'));
    await sessions.destroy('s');
    assert.equal(await sessions.find('s'), undefined);
  });

  it('answers 503 where the state cannot be used', async () => {
    const state = open();
    const sessions = oidcAdapter(state, 'Session', () => 0);
    assert.equal(await sessions.find('s'), undefined);
    await state.close();
    for (const act of [() => sessions.find('s'), () => sessions.upsert('s', {}, 60)]) {
      await assert.rejects(act, { status: 503, error: 'temporarily_unavailable' });
    }
  });
});
