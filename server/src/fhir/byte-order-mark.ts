const MARK = [0xef, 0xbb, 0xbf];

/**
 * A JSON text as it was sent, in UTF-8, without a byte order mark in front of it. The mark says how the text is encoded
 * and is no part of it (RFC 8259, section 8.1), so it is neither kept nor hashed; a second one is text, and no JSON.
 */
export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(MARK.length) : bytes;
}
