import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KeySet } from '../provider-state.ts';

/**
 * The keys in the file, which is made on first start (mode 0600).
 *
 * @throws Error when the file cannot be used or others may read it
 */
export async function keysInFile(path: string, make: () => Promise<KeySet>): Promise<KeySet> {
  return readKeyFile(path) ?? keepNew(path, await make());
}

/** @throws Error when the file cannot be used or others may read it */
export function readKeyFile(path: string): KeySet | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new Error(
      `The signing keys (${path}) can be read by others: chmod 600 it, and think of making new ones`,
    );
  }
  const { keys, cookieKeys } = JSON.parse(text) as Partial<KeySet>;
  return { keys: keys ?? [], cookieKeys: cookieKeys ?? [] };
}

function keepNew(path: string, made: KeySet): KeySet {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(made), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // One of two processes that start together wins, and the other takes its keys.
    linkSync(draft, path);
    return made;
  } catch (error) {
    const winner = readKeyFile(path);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    rmSync(draft);
  }
}
