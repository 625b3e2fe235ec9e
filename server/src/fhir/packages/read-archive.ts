import { readFileSync } from 'node:fs';
import { deflateRawSync, gunzipSync, inflateRawSync } from 'node:zlib';
import { entryOf, mayBeUsed, nameOf, readIndex } from './entry.ts';
import type { Package, PackageEntry } from './package.ts';

const BLOCK = 512;
const FOLDER = 'package/';
const LARGEST = 1024 * 1024 * 1024;

/** A package as it is published: a compressed tar archive. What is used of it stays in memory, compressed. */
export function readArchive(path: string): Package {
  const files = filesOf(gunzipSync(readFileSync(path), { maxOutputLength: LARGEST }));
  const text = (name: string): string | undefined => files.get(name)?.toString('utf8');
  const index = readIndex(text('.index.json'));
  const entries: PackageEntry[] = [];
  for (const [name, content] of files) {
    if (!mayBeUsed(name, index.get(name))) continue;
    const packed = deflateRawSync(content, { level: 1 });
    const entry = entryOf(() => inflateRawSync(packed).toString('utf8'), index.get(name));
    if (entry) entries.push(entry);
  }
  const manifest = text('package.json');
  if (manifest === undefined) throw new Error('it has no package/package.json');
  return { name: nameOf(manifest, path), entries };
}

/** Regular files directly in `package/`, by name (POSIX.1-2001 ustar, with the long names of pax and GNU). */
function filesOf(tar: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let long: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    const first = header[0];
    if (first === undefined || first === 0) break;
    const size = Number.parseInt(field(header, 124, 12), 8);
    if (!Number.isSafeInteger(size) || at + BLOCK + size > tar.length) {
      throw new Error('the archive is cut off or damaged');
    }
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    const kind = field(header, 156, 1);
    if (kind === 'x') long = /\d+ path=([^\n]+)\n/.exec(content.toString('utf8'))?.[1];
    else if (kind === 'L') long = field(content, 0, size);
    else {
      const name = long ?? nameIn(header);
      long = undefined;
      const inner = name.startsWith(FOLDER) ? name.slice(FOLDER.length) : '';
      if ((kind === '0' || kind === '') && inner !== '' && !inner.includes('/')) {
        files.set(inner, content);
      }
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function nameIn(header: Buffer): string {
  const prefix = field(header, 257, 5) === 'ustar' ? field(header, 345, 155) : '';
  const name = field(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Text up to the first zero byte. */
function field(bytes: Buffer, start: number, length: number): string {
  const text = bytes.toString('utf8', start, start + length);
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).trim();
}
