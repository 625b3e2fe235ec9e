import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { makeKeys } from '../../../../src/auth/provider/signing-keys.ts';
import { openSqliteState } from '../../../../src/auth/provider/state/sqlite/sqlite-state.ts';
import { describeProviderState } from '../../../ports/provider-state.ts';

const filesIn = (folder: string) => ({
  stateFile: join(folder, 'new', 'state.sqlite'),
  keysFile: join(folder, 'new', 'keys.json'),
});

describeProviderState('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  return Promise.resolve({
    open: (clock) => Promise.resolve(openSqliteState(filesIn(folder), clock)),
    remove: () => rm(folder, { recursive: true }),
  });
});

describe('the files of an authorization server', () => {
  it('are for nobody else to read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'state-'));
    const files = filesIn(folder);
    const state = openSqliteState(files, () => 0);
    await state.keep({ model: 'Session', id: 'x', payload: '{}', expires: 60 });
    await state.signingKeys(makeKeys);
    const names = readdirSync(join(folder, 'new'));
    assert.ok(names.includes('state.sqlite') && names.includes('keys.json'));
    for (const name of names) {
      assert.equal(statSync(join(folder, 'new', name)).mode & 0o777, 0o600, name);
    }
    chmodSync(files.keysFile, 0o640);
    await assert.rejects(state.signingKeys(makeKeys), /can be read by others: chmod 600/);
    await state.close();
    rmSync(folder, { recursive: true });
  });
});
