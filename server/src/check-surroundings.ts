import { access, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';

const SQLITE_HEADER = 'SQLite format 3\0';

/**
 * Checks whether the files and folders that the configuration names can be what they are to be; missing folders are made.
 *
 * @throws Error that lists every setting whose place is unusable, with the place and the reason
 */
export async function checkSurroundings(config: Config): Promise<void> {
  const { store, ledger } = config;
  const checks: [setting: string, place: string, check: (place: string) => Promise<unknown>][] = [
    ['CHARTSEAL_DEFINITIONS', config.definitions, definitions],
    ['CHARTSEAL_DIRECTORY', config.directory, access],
    ['CHARTSEAL_KEYS', config.keys, writable],
  ];
  if (store.kind === 'sqlite') checks.push(['CHARTSEAL_STORE', store.path, sqliteFile]);
  for (const path of config.packages) checks.push(['CHARTSEAL_PACKAGES', path, access]);
  if (ledger.kind === 'fabric') {
    checks.push(['CHARTSEAL_LEDGER', ledger.connection, jsonFile]);
    checks.push(['CHARTSEAL_TRUST', config.trust, jsonFile]);
  } else {
    checks.push(['CHARTSEAL_LEDGER', ledger.folder, writable]);
    checks.push(['CHARTSEAL_TRUST', config.trust, (file) => writable(dirname(file))]);
  }
  const faults: string[] = [];
  for (const [setting, place, check] of checks) {
    await check(place).catch((error: unknown) => {
      faults.push(`${setting} names ${place}, which cannot be used: ${(error as Error).message}`);
    });
  }
  if (faults.length > 0)
    throw new Error(`What the configuration names is not usable:\n  ${faults.join('\n  ')}`);
}

async function definitions(folder: string): Promise<void> {
  await access(join(folder, 'types.json')).catch((error: unknown) => {
    throw new Error('it holds no definitions of R4. npm run definitions makes them', {
      cause: error,
    });
  });
}

async function jsonFile(file: string): Promise<void> {
  JSON.parse(await readFile(file, 'utf8'));
}

async function writable(folder: string): Promise<void> {
  await makeFolder(folder);
  const probe = join(folder, `.writable-${process.pid}`);
  await writeFile(probe, 'Can be deleted.\n');
  // Somebody else who probes at the same moment may have taken it away.
  await rm(probe, { force: true });
}

async function sqliteFile(path: string): Promise<void> {
  await writable(dirname(path));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || (found.isFile() && found.size === 0)) return;
  if (!found.isFile()) throw new Error('it is no file');
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(SQLITE_HEADER.length), 0);
    if (buffer.toString('latin1') !== SQLITE_HEADER) throw new Error('it is no SQLite database');
  } finally {
    await file.close();
  }
}

/** Step by step, as a recursive `mkdir` below /proc never comes back. */
async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  const above = dirname(folder);
  if ((await stat(above).catch(() => undefined)) === undefined && above !== folder)
    await makeFolder(above);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    // Another server makes the same one at the same time.
    if (found !== undefined || (error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}
