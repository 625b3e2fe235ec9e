import { execFile } from 'node:child_process';
import { join } from 'node:path';

/**
 * Asks for the MongoDB of an address before anything is built or started for it.
 *
 * @throws Error that names the address, without credentials, and what is wrong with it
 */
export function checkStore(root: string, store: string): Promise<void> {
  if (store === 'sqlite') return Promise.resolve();
  return new Promise((resolve, reject) => {
    // Its password is no business of the list of processes.
    const env = { ...process.env, CHARTSEAL_STORE: store };
    const program = join(root, 'server', 'scripts', 'check-store.ts');
    execFile(process.execPath, [program], { env }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr.trim() || error.message));
    });
  });
}
