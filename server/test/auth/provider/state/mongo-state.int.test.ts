import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { makeKeys } from '../../../../src/auth/provider/signing-keys.ts';
import { openMongoState } from '../../../../src/auth/provider/state/mongo/mongo-state.ts';
import { StateUnavailable } from '../../../../src/auth/provider/state/provider-state.ts';
import { openSqliteState } from '../../../../src/auth/provider/state/sqlite/sqlite-state.ts';
import { takeOver } from '../../../../src/auth/provider/state/sqlite/take-over.ts';
import { describeProviderState } from '../../../ports/provider-state.ts';
import { startReplicaSet } from '../../../support/mongod.ts';

let replicaSet: MongoMemoryReplSet;
let databases = 0;
beforeAll(async () => {
  replicaSet = await startReplicaSet();
});
afterAll(() => replicaSet.stop());

function address(): string {
  databases += 1;
  return replicaSet.getUri(`state-${databases}`);
}

const open = (url: string, clock: () => number) => openMongoState(url, clock);

describeProviderState('MongoDB', () => {
  const url = address();
  return Promise.resolve({
    open: (clock) => open(url, clock),
    remove: async () => {
      const client = await MongoClient.connect(url);
      await client.db().dropDatabase();
      await client.close();
    },
  });
});

describe('the state in MongoDB', () => {
  it('is cleaned by MongoDB not before an hour after its end, whatever its clock says', async () => {
    const url = address();
    const now = Math.floor(Date.now() / 1000);
    const state = await open(url, Date.now);
    await state.keep({ model: 'Session', id: 'x', payload: '{}', expires: now + 60 });
    const client = await MongoClient.connect(url);
    const entries = client.db().collection('providerEntries');
    const kept = await entries.findOne({});
    assert.deepEqual(kept?.['forget'], new Date((now + 60 + 3600) * 1000));
    const indexes = await entries.indexes();
    const cleaning = indexes.find(({ expireAfterSeconds }) => expireAfterSeconds === 0);
    assert.deepEqual(cleaning?.key, { forget: 1 });
    await client.close();
    await state.close();
  });

  it('never cleans away what ends later than a date can say', async () => {
    const url = address();
    const state = await open(url, Date.now);
    const lastDate = 8_640_000_000_000 - 3600;
    const lasting = [Number.MAX_SAFE_INTEGER, 2 ** 52 + 1_700_000_000, lastDate + 1];
    for (const expires of [...lasting, lastDate]) {
      await state.keep({ model: 'Session', id: `${expires}`, payload: '{}', expires });
    }
    const client = await MongoClient.connect(url);
    const dated = client
      .db()
      .collection('providerEntries')
      .find({ forget: { $exists: true } });
    const found = await dated.map(({ expires }) => Number(expires)).toArray();
    assert.deepEqual(found, [lastDate]);
    for (const expires of lasting) {
      assert.ok(await state.find({ model: 'Session', id: `${expires}` }));
    }
    await client.close();
    await state.close();
  });

  it('says that it is unavailable when it is', async () => {
    const state = await open(address(), Date.now);
    assert.equal(await state.find({ model: 'Session', id: 'x' }), undefined);
    await state.close();
    await assert.rejects(state.find({ model: 'Session', id: 'x' }), StateUnavailable);
    await assert.rejects(state.keepOnce({ model: 'A', id: 'x', payload: '', expires: 1 }));
  });

  it('shows no password where it says where the keys are', async () => {
    const url = address();
    const state = await open(url, Date.now);
    assert.match(
      state.keysAt,
      /^mongodb:\/\/127\.0\.0\.1:\d+\/state-\d+, collection providerKeys$/,
    );
    await state.close();
  });

  it('takes over what a server kept in files before, and what was used stays used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'state-'));
    const files = { stateFile: join(folder, 'provider.sqlite'), keysFile: join(folder, 'k.json') };
    const now = 1_000_000;
    const clock = () => now * 1000;
    const before = openSqliteState(files, clock);
    const keys = await before.signingKeys(makeKeys);
    const used = { model: 'ReplayDetection', id: 'jti', payload: '{}', expires: now + 60 };
    const code = { model: 'AuthorizationCode', id: 'c', payload: '{}', expires: now + 60 };
    const ended = { model: 'Session', id: 's', payload: '{}', expires: now };
    await before.keepOnce(used);
    await before.keep({ ...code, grant: 'g' });
    await before.keep({ ...code, id: 'unused', uid: 'u' });
    await before.keep(ended);
    assert.equal(await before.consume(code), true);
    await before.close();

    const url = address();
    const state = await open(url, clock);
    await takeOver(files, state, clock);
    assert.deepEqual(await state.signingKeys(makeKeys), keys);
    assert.equal(await state.keepOnce(used), false);
    assert.equal(await state.keepOnce({ ...used, id: 'another' }), true);
    assert.deepEqual(await state.find(code), { payload: '{}', consumed: now });
    assert.equal(await state.consume(code), false);
    assert.ok(await state.findByUid('AuthorizationCode', 'u'));
    assert.equal(await state.consume({ ...code, id: 'unused' }), true);
    assert.equal(await state.keepOnce(ended), true);
    assert.deepEqual(readdirSync(folder), ['k.json.taken-over']);
    assert.equal(existsSync(files.stateFile), false);

    // The next start finds nothing to take over.
    await takeOver(files, state, clock);
    assert.equal(await state.consume({ ...code, id: 'unused' }), false);
    await state.close();
    rmSync(folder, { recursive: true });
  });
});
