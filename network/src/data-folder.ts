import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A data folder that cannot be what it is used for; the message names it and says what to do. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * The network's own folder in a data folder, which is what every command takes as `--data`.
 *
 * @throws FolderError when the network's own folder is named instead
 */
export function networkFolder(data: string): string {
  if (existsSync(join(data, 'topology.json')) && !existsSync(join(data, 'network'))) {
    throw new FolderError(
      `${data} is the network's own folder: name the data folder that holds it, --data ${dirname(data)}.`,
    );
  }
  return join(data, 'network');
}

/** @throws FolderError unless `folder`, one that `networkFolder` returned, holds a network */
export function requireNetwork(folder: string): void {
  if (existsSync(join(folder, 'topology.json'))) return;
  throw new FolderError(
    `There is no network in ${dirname(folder)}. Name the data folder of npm start with --data <folder>, or make a network there: npm run network -- up --data ${dirname(folder)}`,
  );
}

/**
 * Makes the folder when it is missing, and writes into it once.
 *
 * @throws FolderError when that cannot be done
 */
export function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder);
    const probe = join(folder, `.writable-${process.pid}`);
    writeFileSync(probe, 'Can be deleted.\n');
    // Somebody else who probes at the same moment may have taken it away.
    rmSync(probe, { force: true });
  } catch (error) {
    throw new FolderError(
      `The data folder ${folder} cannot be written (${(error as Error).message}). Name another one: --data <folder>.`,
      { cause: error },
    );
  }
}

/** Step by step, as a recursive `mkdir` below /proc never comes back. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o755 });
}
