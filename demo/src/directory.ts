// Makes keys and directory of the personas where they are missing. Argument: data folder.
import { mkdirSync } from 'node:fs';
import { ensureDirectory } from './persona-directory.ts';

const [dataDir, ...more] = process.argv.slice(2);
if (dataDir === undefined || more.length > 0) throw new Error('usage: <data folder>');
mkdirSync(dataDir, { recursive: true });
await ensureDirectory(dataDir);
