import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonCursor } from '../../../src/fhir/json/json-cursor.ts';
import { prettyJson } from '../../../src/fhir/json/pretty-json.ts';

function tokens(text: string): readonly (readonly [string, string, string])[] {
  const cursor = new JsonCursor(text);
  const found: (readonly [string, string, string])[] = [];
  for (;;) {
    const token = cursor.next();
    found.push([cursor.gap, token, cursor.lexeme]);
    if (token === 'end') return found;
  }
}

describe('JsonCursor', () => {
  it('names each token, with what is written and the white space before it', () => {
    assert.deepEqual(tokens(' {"a\\"":[ 1.00,null]\t, "b" : "\\\\"}\n'), [
      [' ', '{', '{'],
      ['', 'string', '"a\\""'],
      ['', ':', ':'],
      ['', '[', '['],
      [' ', 'scalar', '1.00'],
      ['', ',', ','],
      ['', 'scalar', 'null'],
      ['', ']', ']'],
      ['\t', ',', ','],
      [' ', 'string', '"b"'],
      [' ', ':', ':'],
      [' ', 'string', '"\\\\"'],
      ['', '}', '}'],
      ['\n', 'end', ''],
    ]);
  });

  it('leaves nothing out, and comes to an end of any text', () => {
    const texts = fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.string());
    fc.assert(
      fc.property(texts, (text) => {
        const whole = tokens(text)
          .map(([gap, , lexeme]) => gap + lexeme)
          .join('');
        assert.equal(whole, text);
      }),
    );
  });
});

describe('prettyJson', () => {
  it('breaks lines as JSON.stringify does, and keeps what is written', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const expected = JSON.stringify(JSON.parse(text), null, 2);
        assert.equal(prettyJson(text), expected);
        assert.equal(prettyJson(expected), expected);
      }),
    );
    assert.equal(
      prettyJson('{ "a":[1.00, 1e2 ],"b":{ },"c":"\\u0041/\\/"}'),
      '{\n  "a": [\n    1.00,\n    1e2\n  ],\n  "b": {},\n  "c": "\\u0041/\\/"\n}',
    );
  });
});
