import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeBundle, type EvidenceBundle } from '../../src/evidence-bundle.ts';
import { verifyEvidence } from '../../src/verify/verify-evidence.ts';
import { embeddedEvidence, fabricEvidence } from '../support/synthetic-evidence.ts';
import { makeNetwork } from '../support/synthetic-fabric.ts';

const { anchors, ...rest } = makeNetwork();
const bundle = await fabricEvidence({ anchors, ...rest });
const file = Buffer.from(encodeBundle(bundle));

/** A small generator of its own, so that a seed repeats the run. */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function refused(changed: unknown, trust: unknown): boolean {
  const { verified, claims } = verifyEvidence(changed, trust);
  assert.equal(verified, !claims.some(({ verdict }) => verdict === 'fail'));
  return !verified;
}

describe('a changed byte', () => {
  it('anywhere in the file makes a claim fail', () => {
    assert.equal(refused(file, anchors), false);
    const seed = randomInt(2 ** 31);
    const random = randomness(seed);
    for (let position = 0; position < file.length; position += 1) {
      const changed = Buffer.from(file);
      changed[position]! ^= 1 + random(255);
      assert.ok(refused(changed, anchors), `byte ${position} of seed ${seed}`);
    }
  });

  it('that stays within the alphabet of its place makes a claim fail', () => {
    const seed = randomInt(2 ** 31);
    const random = randomness(seed);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';
    for (let position = seed % 3; position < file.length; position += 3) {
      const changed = Buffer.from(file);
      changed.write(alphabet.charAt(random(alphabet.length)), position, 'latin1');
      if (changed.equals(file)) continue;
      assert.ok(refused(changed, anchors), `byte ${position} of seed ${seed}`);
    }
  });

  it('of a file with white space around makes a claim fail, or stays white space around', () => {
    const spaced = Buffer.from(`\n ${file.toString('utf8')}\r\n`);
    assert.equal(refused(spaced, anchors), false);
    const random = randomness(randomInt(2 ** 31));
    // Each byte at both ends, and a few between them: the tests above are about those.
    const inner = spaced.length - 10;
    for (
      let position = 0;
      position < spaced.length;
      position = position < 10 || position >= inner ? position + 1 : Math.min(position + 9, inner)
    ) {
      const changed = Buffer.from(spaced);
      changed[position]! ^= 1 + random(255);
      const same = changed.toString('latin1').trim() === file.toString('latin1');
      const space = ' \t\n\r'.includes(String.fromCharCode(changed[position]!));
      assert.equal(refused(changed, anchors), !(same && space), `byte ${position}`);
    }
  });

  it('in the block, written again in canonical base64, makes a claim fail', () => {
    const { append } = bundle as { append: { block: string } };
    const block = Buffer.from(append.block, 'base64');
    const seed = randomInt(2 ** 31);
    const random = randomness(seed);
    const withBlock = (changed: Uint8Array) =>
      encodeBundle({
        ...bundle,
        append: { ...append, block: Buffer.from(changed).toString('base64') },
      } as EvidenceBundle);
    assert.equal(refused(withBlock(block), anchors), false);
    for (let position = 0; position < block.length; position += 1) {
      const changed = Buffer.from(block);
      changed[position]! ^= 1 << random(8);
      assert.ok(refused(withBlock(changed), anchors), `byte ${position} of seed ${seed}`);
    }
    for (let turn = 0; turn < 500; turn += 1) {
      const cut = random(block.length);
      const inserted = Buffer.concat([
        block.subarray(0, cut),
        Buffer.of(random(256)),
        block.subarray(cut + random(2)),
      ]);
      if (inserted.equals(block)) continue;
      assert.ok(refused(withBlock(inserted), anchors), `cut ${cut} of seed ${seed}`);
    }
  });

  it('in evidence of the development ledger makes a claim fail', async () => {
    const { bundle: development, anchors: trust } = await embeddedEvidence();
    const text = Buffer.from(encodeBundle(development));
    assert.equal(refused(text, trust), false);
    const seed = randomInt(2 ** 31);
    const random = randomness(seed);
    for (let position = 0; position < text.length; position += 1) {
      const changed = Buffer.from(text);
      changed[position]! ^= 1 + random(255);
      assert.ok(refused(changed, trust), `byte ${position} of seed ${seed}`);
    }
  });
});

describe('hostile evidence', () => {
  const text = file.toString('utf8');
  const inputs: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['numbers', 1e308],
    ['an empty file', ''],
    ['an array', []],
    ['a function', () => bundle],
    ['white space inside', text.replace(':', ': ')],
    ['a line feed before the last brace', `${text.slice(0, -1)}\n}`],
    ['two byte order marks', `\ufeff\ufeff${text}`],
    ['a byte order mark after white space', `\n\ufeff${text}`],
    ['a byte order mark at the end', `${text}\ufeff`],
    ['white space that is not JSON', `${text}\u00a0`],
    ['a form feed at the end', `${text}\f`],
    ['a NUL at the end', `${text}\0`],
    ['a comma at the end', `${text}\n,`],
    ['nothing but white space', ' \n'],
    ['two files on two lines', `${text}\n${text}\n`],
    ['a file that is not UTF-8', Buffer.concat([file, Buffer.of(0xff)])],
    ['half a file', text.slice(0, text.length / 2)],
    ['two files', text + text],
    [
      'members in another order',
      JSON.stringify(Object.fromEntries(Object.entries(bundle).reverse())),
    ],
    ['an unknown member', { ...bundle, note: '' }],
    ['an unknown inner member', { ...bundle, resource: { ...bundle.resource, note: '' } }],
    ['a prototype', `{"__proto__":{},${text.slice(1)}`],
    ['a repeated member', `{"append":null,${text.slice(1)}`],
    ['a missing member', { ...bundle, leaf: undefined }],
    ['a number as text', { ...bundle, inclusion: { ...bundle.inclusion, index: '6' } }],
    ['a huge number', { ...bundle, inclusion: { ...bundle.inclusion, size: 2 ** 60 } }],
    ['infinity', { ...bundle, inclusion: { ...bundle.inclusion, size: Infinity } }],
    ['minus zero', { ...bundle, resource: { ...bundle.resource, version: -0 } }],
    [
      'a very long path',
      { ...bundle, inclusion: { ...bundle.inclusion, hashes: Array(1e5).fill('') } },
    ],
    ['deep nesting', '['.repeat(1e6)],
    ['deep nesting in a member', `{"append":${'['.repeat(1e5)}${']'.repeat(1e5)}}`],
    ['a control sequence', { ...bundle, resource: { ...bundle.resource, id: '\u001b[2J' } }],
    ['a path as id', { ...bundle, resource: { ...bundle.resource, id: '../x' } }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'format', {
        enumerable: true,
        get: () => assert.fail('read'),
      }),
    ],
  ];
  for (const [what, input] of inputs) {
    it(`is refused with a verdict: ${what}`, () => assert.ok(refused(input, anchors)));
  }

  it('never makes the verifier throw, nor do hostile anchors', () => {
    assert.equal(refused(bundle, anchors), false);
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => {
        assert.ok(refused(value, anchors));
        assert.ok(refused(bundle, value));
        assert.ok(refused({ ...bundle, append: value }, anchors));
        assert.ok(refused({ ...bundle, inclusion: value }, anchors));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const block = Buffer.from(bytes).toString('base64');
        assert.ok(refused({ ...bundle, append: { ...bundle.append, block } }, anchors));
        assert.ok(refused(bytes, anchors));
      }),
      { numRuns: 500 },
    );
  });
});
