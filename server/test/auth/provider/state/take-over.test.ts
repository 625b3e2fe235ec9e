import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { loadSigningKeys, makeKeys } from '../../../../src/auth/provider/signing-keys.ts';
import type { KeySet } from '../../../../src/auth/provider/state/provider-state.ts';
import { openSqliteState } from '../../../../src/auth/provider/state/sqlite/sqlite-state.ts';
import { takeOver } from '../../../../src/auth/provider/state/sqlite/take-over.ts';

const clock = () => 1_000_000_000;
const stateFile = ':memory:';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'take-over-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A state in place of the shared one; what it keeps its keys in is removed as an operator removes shared keys. */
function shared() {
  const keysFile = join(folder, 'shared', 'keys.json');
  const state = openSqliteState({ stateFile, keysFile }, clock);
  return { state, removeKeys: () => rmSync(keysFile) };
}

const own = () => ({
  stateFile: join(folder, 'own', 'provider.sqlite'),
  keysFile: join(folder, 'own', 'token-keys.json'),
});

async function ownKeys(): Promise<KeySet> {
  const before = openSqliteState(own(), clock);
  const keys = await before.signingKeys(makeKeys);
  await before.close();
  return keys;
}

describe('keys in a file that a shared state takes over', () => {
  it('are taken over once: keys that were removed from the shared state do not come back', async () => {
    const keys = await ownKeys();
    const { state, removeKeys } = shared();
    await takeOver(own(), state, clock);
    assert.deepEqual(await state.signingKeys(makeKeys), keys);
    assert.deepEqual(readdirSync(join(folder, 'own')), ['token-keys.json.taken-over']);
    const { mode } = statSync(`${own().keysFile}.taken-over`);
    assert.equal(mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(readFileSync(`${own().keysFile}.taken-over`, 'utf8')), keys);

    removeKeys();
    await takeOver(own(), state, clock);
    const renewed = await makeKeys();
    assert.deepEqual(await state.signingKeys(() => Promise.resolve(renewed)), renewed);
    await state.close();
  });

  it('are put aside too where the shared state has keys already, which count', async () => {
    await ownKeys();
    const { state, removeKeys } = shared();
    const first = await state.signingKeys(makeKeys);
    await takeOver(own(), state, clock);
    assert.deepEqual(await state.signingKeys(makeKeys), first);
    removeKeys();
    await takeOver(own(), state, clock);
    const renewed = await makeKeys();
    assert.deepEqual(await state.signingKeys(() => Promise.resolve(renewed)), renewed);
    await state.close();
  });

  it('can be removed when they are incomplete, and new ones are made', async () => {
    await ownKeys();
    writeFileSync(own().keysFile, '{"keys":[]}');
    const { state, removeKeys } = shared();
    await takeOver(own(), state, clock);
    await assert.rejects(loadSigningKeys(state), /incomplete: remove them/);
    removeKeys();
    await takeOver(own(), state, clock);
    assert.equal((await loadSigningKeys(state)).cookieKeys.length, 1);
    await state.close();
  });

  it('stay where they are when the shared state could not be given them', async () => {
    await ownKeys();
    // A folder is no file that keys can be in.
    const state = openSqliteState({ stateFile, keysFile: folder }, clock);
    await assert.rejects(takeOver(own(), state, clock), { code: 'EISDIR' });
    assert.ok(readdirSync(join(folder, 'own')).includes('token-keys.json'));
    await state.close();
  });
});
