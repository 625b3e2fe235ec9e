import { createHash, timingSafeEqual } from 'node:crypto';
import { FhirError } from '../fhir/errors.ts';
import type { RestRequest } from './rest-request.ts';

/** Algorithms that hold against somebody who means ill (RFC 9530 section 5), and how many bytes they give. */
const BYTES: Readonly<Record<string, number>> = { 'sha-256': 32, 'sha-512': 64 };
/** A member of a Dictionary (RFC 8941 section 3.2) that is a Byte Sequence; parameters say nothing here. */
const MEMBER = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:; *[a-z*][^\s;,"]*)*$/;

/**
 * The content as it comes in, held against what the header Content-Digest says of it (RFC 9530). It is hashed while it
 * passes, and not at all without that header. Algorithms other than SHA-256 and SHA-512 are passed over.
 *
 * @throws FhirError `invalid` for a header that cannot be read and, after the last piece, for other content than it
 * says; `not-supported` where it is of compressed content
 * @rule Content-Digest
 */
export function asDigested(
  { headers }: Pick<RestRequest, 'headers'>,
  content: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const said = headers['content-digest'];
  if (said === undefined) return content;
  const digests = digestsIn([said].flat().join(','));
  if (digests.size === 0) return content;
  if ((headers['content-encoding'] ?? '') !== '') {
    throw refused(
      'not-supported',
      'Content-Digest is of what is sent, which is checked without Content-Encoding only',
    );
  }
  return checked(content, digests);
}

async function* checked(
  content: AsyncIterable<Uint8Array>,
  digests: ReadonlyMap<string, Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  const hashes = [...digests].map(([name, digest]) => ({
    digest,
    hash: createHash(name.replace('-', '')),
  }));
  for await (const piece of content) {
    for (const { hash } of hashes) hash.update(piece);
    yield piece;
  }
  if (!hashes.every(({ digest, hash }) => timingSafeEqual(digest, hash.digest()))) {
    throw refused('invalid', 'The content is not what Content-Digest says');
  }
}

/** The digests that can be checked, by algorithm. */
function digestsIn(header: string): ReadonlyMap<string, Uint8Array> {
  const digests = new Map<string, Uint8Array>();
  if (header.trim() === '') return digests;
  for (const member of header.split(',')) {
    const [, name, base64] = MEMBER.exec(member.trim()) ?? [];
    if (name === undefined || base64 === undefined) throw malformed();
    const length = BYTES[name];
    if (length === undefined) continue;
    const digest = Buffer.from(base64, 'base64');
    if (digest.length !== length) throw malformed();
    digests.set(name, digest);
  }
  return digests;
}

function malformed(): FhirError {
  return refused('invalid', 'Content-Digest must be written as sha-256=:<base64>:');
}

function refused(code: 'invalid' | 'not-supported', message: string): FhirError {
  return new FhirError(code, message, { expression: 'http.Content-Digest' });
}
