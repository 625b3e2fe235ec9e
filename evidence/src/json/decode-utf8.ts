import { JsonError, lineAndColumn } from './json-error.ts';

/**
 * Text of UTF-8 bytes, nothing replaced or dropped: encoding it again gives the same bytes.
 *
 * @throws JsonError `invalid-utf8`
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const position = validPrefix(bytes).length;
    const place = { position, path: '', ...lineAndColumn(validPrefix(bytes), position) };
    throw new JsonError('invalid-utf8', 'not valid UTF-8', place);
  }
}

function validPrefix(bytes: Uint8Array): string {
  const replaced = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  let end = 0;
  while (end < bytes.length && bytes[end] === replaced[end]) end += 1;
  return Buffer.from(bytes.subarray(0, end))
    .toString('utf8')
    .replace(/\uFFFD$/u, '');
}
