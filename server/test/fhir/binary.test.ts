import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { binaryContent, binaryResource, passingBinary } from '../../src/fhir/binary.ts';

const seed = randomInt(2 ** 31);
console.log(`fhir/binary: seed ${seed}`);

const PIECE = 256 * 1024;
/** Lengths around what is decoded at once, which is 192 KiB. */
const length = fc.oneof(
  fc.nat(300),
  fc.integer({ min: (PIECE / 4) * 3 - 4, max: (PIECE / 4) * 3 + 4 }),
  fc.integer({ min: 2, max: 800_000 }),
);

/** Bytes that differ everywhere; how many, and from what number on. */
function bytesOf(count: number, start: number): Buffer {
  const bytes = Buffer.alloc(count);
  let x = start | 1;
  for (let i = 0; i < count; i += 1) {
    x = Math.imul(x, 1_103_515_245) + 12_345;
    bytes[i] = x >>> 16;
  }
  return bytes;
}

/** As the content was read before it was read in pieces. */
function decodedWhole(json: string): Buffer {
  const { data = '' } = JSON.parse(json) as { readonly data?: string };
  return Buffer.from(data, 'base64');
}

function decoded(json: string | Uint8Array): Buffer {
  const content = binaryContent(Buffer.from(json)).decode();
  if (content instanceof Uint8Array) return Buffer.from(content);
  const whole = Buffer.concat([...content]);
  assert.equal(content.bytes, whole.length);
  return whole;
}

describe('the content of a Binary', () => {
  it('is decoded in pieces to the bytes that the whole comes to, however it is written', () => {
    const written: Readonly<Record<string, (base64: string) => string>> = {
      plain: (base64) => base64,
      'in lines': (base64) => base64.replaceAll(/.{76}/g, '$&\\r\\n'),
      'with spaces': (base64) => ` ${base64.replaceAll(/.{1000}/g, '$&  ')}\\t`,
      'with escaped slashes': (base64) => base64.replaceAll('/', '\\/'),
      'with escapes by number': (base64) => base64.replaceAll('+', '\\u002b'),
      'without padding': (base64) => base64.replaceAll('=', ''),
      'for URLs': (base64) => base64.replaceAll('+', '-').replaceAll('/', '_'),
      'in two parts': (base64) => `QQ==${base64}`,
      'with wide spaces': (base64) => base64.replaceAll(/.{1000}/g, '$&\u00a0\u3000'),
      'with a digit too much': (base64) => `${base64.replaceAll('=', '')}A`,
      'with padding too much': (base64) => `${base64}===`,
    };
    const members = [
      '"resourceType":"Binary"',
      '"meta": {"data": "no", "tag": [{"contentType":"no\\"", "data":"\\\\"}], "x": [1, -2.50e3, null]}',
      '"contentType" : "image\\/png"',
      '"_data":{"extension":[{"url":"data","valueString":"data\\":"}]}',
      '"language":"ü\\u00fc😀"',
    ];
    fc.assert(
      fc.property(
        fc.tuple(length, fc.nat()),
        fc.constantFrom(...Object.keys(written)),
        fc.shuffledSubarray(members, { minLength: members.length }),
        fc.tuple(fc.nat(members.length), fc.constantFrom('"data"', '"d\\u0061ta"')),
        ([count, start], way, others, [place, name]) => {
          const base64 = bytesOf(count, start).toString('base64');
          const data = `${name}:\n "${written[way]?.(base64) ?? ''}"`;
          const json = `{ ${others.toSpliced(place, 0, data).join(' ,\n')} }`;
          assert.ok(decoded(json).equals(decodedWhole(json)), way);
          const { contentType } = binaryContent(Buffer.from(json, 'utf8'));
          assert.equal(contentType, 'image/png');
        },
      ),
      { numRuns: 150, seed },
    );
  });

  it('is nothing without data, and bytes that nobody interprets without a media type', () => {
    for (const json of ['{"resourceType":"Binary"}', '{"data":"","contentType":"a\\u000ab"}']) {
      const { contentType, decode } = binaryContent(Buffer.from(json));
      assert.deepEqual([contentType, decode()], ['application/octet-stream', Buffer.alloc(0)]);
    }
  });

  it('breaks off at what is no base64, rather than be longer or shorter than it says', () => {
    const digits = 'A'.repeat(2 * PIECE);
    const content = (data: string): readonly Uint8Array[] => {
      const decoding = binaryContent(Buffer.from(JSON.stringify({ data }))).decode();
      assert.ok(!(decoding instanceof Uint8Array));
      return [...decoding];
    };
    assert.equal(content(digits).length, 2);
    assert.throws(() => content(`${digits}!AAA`), /not base64/);
  });

  it('becomes the same resource in pieces of any size as at once', async () => {
    const cuts = fc.array(fc.nat(100_000), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(length, fc.nat(), cuts, async (count, start, sizes) => {
        const bytes = bytesOf(count, start);
        const facts = { id: 'a', contentType: 'text/plain;  a="b"', securityContext: 'Patient/a' };
        const resource = await passingBinary({ ...facts, content: cut(bytes, sizes) });
        assert.equal(Buffer.from(resource).toString('utf8'), binaryResource({ ...facts, bytes }));
        assert.ok(decoded(resource).equals(bytes));
      }),
      { numRuns: 100, seed },
    );
  });
});

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}
