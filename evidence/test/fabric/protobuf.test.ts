import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, encode } from '../../src/fabric/protobuf.ts';
import { Refusal } from '../../src/refusal.ts';

const FIELDS = {
  number: [1, 'number'],
  name: [2, 'text'],
  body: [3, 'bytes'],
  items: [16, 'many'],
} as const;
const read = (hex: string) => decode(Buffer.from(hex, 'hex'), FIELDS);

describe('protobuf', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.array(fc.uint8Array({ maxLength: 300 })),
        (number, name, body, items) => {
          const bytes = encode([
            [1, number],
            [2, Buffer.from(name)],
            [3, body],
            ...items.map((item) => [16, item] as const),
          ]);
          const message = decode(bytes, FIELDS);
          assert.equal(message.number, number);
          assert.equal(message.name, name);
          assert.deepEqual(Buffer.from(message.body), Buffer.from(body));
          assert.deepEqual(
            message.items.map((item) => Buffer.from(item)),
            items.map((item) => Buffer.from(item)),
          );
        },
      ),
    );
  });

  it('gives defaults and passes over fields that are not asked for', () => {
    assert.deepEqual(read(''), { number: 0, name: '', body: new Uint8Array(0), items: [] });
    assert.equal(read('200108' + '96' + '01' + '2a0161').number, 150);
  });

  const refused: [string, string][] = [
    ['a field that ends too early', '1a0500'],
    ['a length beyond any file', '1affffffffffffffff7f'],
    ['a tag alone', '08'],
    ['a number that does not end', '08ffffffffffffffffffff'],
    ['a number of more than 64 bits', '08ffffffffffffffffff7f'],
    ['a number that no double holds', '0880808080808080a001'],
    ['a number written too long', '088000'],
    ['a single field twice', '08010802'],
    ['a number where bytes belong', '1801'],
    ['bytes where a number belongs', '0a0100'],
    ['a number among repeated bytes', '800101'],
    ['text that is not UTF-8', '1201ff'],
    ['field number 0', '0001'],
    ['a group', '0b0c'],
    ['a fixed-width number', '0d00000000'],
  ];
  for (const [what, hex] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => read(hex), Refusal));
  }

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decode(bytes, FIELDS);
        } catch (error) {
          assert.ok(error instanceof Refusal);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
