import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonError } from '../../src/json/json-error.ts';
import { scanJson } from '../../src/json/scan-json.ts';
import { spacedJson } from '../support/arbitrary-json.ts';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const nested = (depth: number) => '{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1);

function refusal(input: Uint8Array | string, maxDepth?: number): JsonError {
  try {
    scanJson(input, maxDepth === undefined ? undefined : { maxDepth });
  } catch (error) {
    assert.ok(error instanceof JsonError, String(error));
    return error;
  }
  return assert.fail(`accepted ${Buffer.from(input).toString('utf8').slice(0, 80)}`);
}

describe('scanJson', () => {
  it('accepts every JSON object that is not ambiguous', () => {
    fc.assert(
      fc.property(spacedJson, ({ text }) => {
        const { members } = scanJson(Buffer.from(text));
        const value = JSON.parse(text) as Record<string, unknown>;
        assert.deepEqual(new Set(members.map(({ name }) => name)), new Set(Object.keys(value)));
        for (const { name, nameStart, valueStart, valueEnd } of members) {
          assert.deepEqual(JSON.parse(text.slice(valueStart, valueEnd)), value[name]);
          assert.equal(text.charAt(nameStart), '"');
        }
      }),
    );
  });

  it('agrees with JSON.parse on what is not JSON', () => {
    fc.assert(
      fc.property(
        spacedJson,
        fc.nat(),
        fc.constantFrom('', '"', '{', '}', ',', ':', '1', '\\', 'e', '.', '-', ' ', '\n', ']'),
        ({ text }, at, inserted) => {
          const start = at % text.length;
          const broken = text.slice(0, start) + inserted + text.slice(start + 1);
          let parses = true;
          try {
            JSON.parse(broken);
          } catch {
            parses = false;
          }
          try {
            scanJson(broken);
            assert.ok(parses, broken);
          } catch (error) {
            assert.ok(error instanceof JsonError, String(error));
            const stricter = [
              'duplicate-member',
              'escaped-name',
              'lone-surrogate',
              'number',
              'not-an-object',
            ];
            assert.equal(parses && !stricter.includes(error.reason), false, broken);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  const refused: [string, string, Uint8Array | string][] = [
    ['a byte that is not UTF-8', 'invalid-utf8', bytes('{"a":"', [0xff], '"}')],
    ['an overlong encoding', 'invalid-utf8', bytes('{"a":"', [0xc0, 0xaf], '"}')],
    ['a surrogate in UTF-8', 'invalid-utf8', bytes('{"a":"', [0xed, 0xa0, 0x80], '"}')],
    ['a cut character', 'invalid-utf8', bytes('{"a":"b"}', [0xe2, 0x82])],
    ['a byte order mark', 'byte-order-mark', bytes([0xef, 0xbb, 0xbf], '{}')],
    ['a lone surrogate in text', 'lone-surrogate', '{"a":"\ud800"}'],
    ['an escaped high surrogate alone', 'lone-surrogate', '{"a":"\\ud83dx"}'],
    ['an escaped low surrogate alone', 'lone-surrogate', '{"a":"\\ude00"}'],
    ['two escaped high surrogates', 'lone-surrogate', '{"a":"\\ud83d\\ud83d"}'],
    ['a repeated member', 'duplicate-member', '{"a":1,"a":1}'],
    ['a name written with an escape', 'escaped-name', '{"\\u0061":1}'],
    ['a name that needs an escape', 'escaped-name', '{"\\\\":1}'],
    ['a member repeated by an escape', 'duplicate-member', '{"a":1,"\\u0061":1}'],
    ['a repeated __proto__', 'duplicate-member', '{"__proto__":1,"__proto__":1}'],
    [
      'a repeated member of many',
      'duplicate-member',
      `{${'abcdefghijklmnopqrstuvwxyza'.replace(/./g, '"$&":0,').slice(0, -1)}}`,
    ],
    ['an endless number', 'number', '{"a":1e999}'],
    ['a number that becomes zero', 'number', '{"a":-1.5e-999}'],
    ['an endless integer', 'number', `{"a":${'9'.repeat(400)}}`],
    ['a leading zero', 'syntax', '{"a":01}'],
    ['a plus sign', 'syntax', '{"a":+1}'],
    ['a bare point', 'syntax', '{"a":1.}'],
    ['hexadecimal', 'syntax', '{"a":0x1}'],
    ['NaN', 'syntax', '{"a":NaN}'],
    ['a trailing comma', 'syntax', '{"a":1,}'],
    ['a comma for a member', 'syntax', '{,}'],
    ['an array with a hole', 'syntax', '{"a":[1,,2]}'],
    ['single quotes', 'syntax', "{'a':1}"],
    ['a comment', 'syntax', '{"a":1/* */}'],
    ['a half literal', 'syntax', '{"a":tru}'],
    ['an unknown escape', 'bad-escape', '{"a":"\\x41"}'],
    ['a short escape', 'bad-escape', '{"a":"\\u12"}'],
    ['a raw line feed in a string', 'control-character', '{"a":"\n"}'],
    ['a raw NUL in a string', 'control-character', '{"a":"\0"}'],
    ['nothing', 'unexpected-end', ''],
    ['white space', 'unexpected-end', ' \n'],
    ['an open object', 'unexpected-end', '{"a":1'],
    ['an open string', 'unexpected-end', '{"a":"b'],
    ['an escape at the end', 'bad-escape', '{"a":"\\'],
    ['an array', 'not-an-object', '[]'],
    ['a string', 'not-an-object', '"a"'],
    ['null', 'not-an-object', 'null'],
    ['a second document', 'trailing-content', '{}{}'],
    ['a NUL after the document', 'trailing-content', '{}\0'],
  ];
  for (const [what, reason, input] of refused) {
    it(`refuses ${what}`, () => assert.equal(refusal(input).reason, reason));
  }

  it('accepts what comes close to the refused', () => {
    const close = [
      '{"a":"\\ud83d\\ude00 \ud83d\ude00"}',
      '{"a":1,"A":1,"b":{"a":1}}',
      '{"a":[-0,0.0,1.00,1E-22,0e999,12345678901234567890.10,1e308]}',
      '{"":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000","__proto__":{}}',
      ' \t\r\n{ } \n',
    ];
    for (const text of close) assert.equal(scanJson(text).text, text);
  });

  it('counts the root as the first of 64 levels', () => {
    assert.equal(scanJson(nested(64)).members.length, 1);
    assert.equal(refusal(nested(65)).reason, 'too-deep');
    assert.equal(refusal(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`).reason, 'too-deep');
    assert.equal(refusal(nested(3), 2).path, 'a.a');
    assert.equal(refusal('{"a":'.repeat(1_000_000)).reason, 'too-deep');
  });

  it('names the place of a mistake, not the value', () => {
    const text = '{\n "resourceType": "Patient",\n "name": [{}, {"given": "Eve",\n  "given": 1}]}';
    const error = refusal(text);
    assert.equal(error.path, 'Patient.name[1].given');
    assert.deepEqual([error.line, error.column], [4, 3]);
    assert.equal(error.position, text.lastIndexOf('"given"'));
    assert.equal(error.message, 'a member is repeated at Patient.name[1].given (line 4, column 3)');
    assert.equal(refusal('{"a":[0,01]}').path, 'a[1]');
    assert.deepEqual([refusal(bytes('{\n"é":"', [0xff], '"}')).column], [6]);
  });

  it('passes every official example', () => {
    const folder = dirname(
      createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'),
    );
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.json') && !file.startsWith('.'),
    );
    assert.ok(files.length > 4_000, `${files.length} files`);
    for (const file of files) scanJson(readFileSync(join(folder, file)));
  });
});
