import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryOf, mayBeUsed, nameOf, readIndex } from './entry.ts';
import type { Package } from './package.ts';

/** An unpacked package, or any folder with JSON resources in it. Files are read again when they are asked for. */
export function readFolder(path: string): Package {
  const inner = join(path, 'package');
  const folder = existsSync(join(inner, 'package.json')) ? inner : path;
  const text = (name: string): string | undefined => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const index = readIndex(text('.index.json'));
  const names = readdirSync(folder).filter((name) => mayBeUsed(name, index.get(name)));
  return {
    name: nameOf(text('package.json'), path),
    entries: names.flatMap((name) => {
      const entry = entryOf(() => readFileSync(join(folder, name), 'utf8'), index.get(name));
      return entry ?? [];
    }),
  };
}
