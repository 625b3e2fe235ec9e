import { closeSync, openSync, readSync } from 'node:fs';

/**
 * One line of a file whose index says where it is, so that the rest of the file need not be in memory.
 *
 * @param offset first byte of the line
 * @param length of the line in bytes
 * @throws the file system's error, or Error when the file ends before the line does
 */
export function readLine(file: string, offset: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    if (readSync(handle, bytes, 0, length, offset) !== length)
      throw new Error(`${file} is cut off`);
  } finally {
    closeSync(handle);
  }
  return bytes.toString('utf8');
}
