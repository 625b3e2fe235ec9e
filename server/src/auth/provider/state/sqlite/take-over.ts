import { existsSync, renameSync, rmSync } from 'node:fs';
import type { ProviderState } from '../provider-state.ts';
import { readKeyFile } from './key-file.ts';
import { openSqliteState, type StateFiles } from './sqlite-state.ts';

/**
 * Gives to a shared state what this server kept in files of its own before: its keys, where the shared state has none,
 * and all that has not ended, so that nothing that was used once can be used again. The file of state is removed when
 * all of it is there. The file of keys is put aside under the name `….taken-over`: keys that are removed from the shared
 * state, because they leaked or are incomplete, must not come back with the next start.
 *
 * @throws Error when a file cannot be used, or others may read the keys
 * @param clock milliseconds since the epoch
 */
export async function takeOver(
  files: StateFiles,
  shared: ProviderState,
  clock: () => number,
): Promise<void> {
  const keys = readKeyFile(files.keysFile);
  if (keys !== undefined) {
    await shared.signingKeys(() => Promise.resolve(keys));
    renameSync(files.keysFile, `${files.keysFile}.taken-over`);
  }
  if (!existsSync(files.stateFile)) return;
  const own = openSqliteState(files, clock);
  try {
    for (const entry of await own.entries()) await shared.keepOnce(entry);
  } finally {
    await own.close();
  }
  for (const end of ['', '-wal', '-shm']) rmSync(`${files.stateFile}${end}`, { force: true });
}
