import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeString,
  encodeString,
  replaceStrings,
} from '../../../src/fhir/json/replace-strings.ts';

describe('replaceStrings', () => {
  it('replaces values where they stand, and neither names nor anything else', () => {
    const text = '{ "a" : [ "x" , 1.00,{"x":"x","b\\"]":"\\u0078"} ], "n":1E-22 ,"s":"}\\\\" }';
    const seen: string[] = [];
    const replaced = replaceStrings(text, ({ path, raw }) => {
      seen.push(path.join('.'));
      return decodeString(raw) === 'x' ? encodeString('"y"') : undefined;
    });
    assert.equal(
      replaced,
      '{ "a" : [ "\\"y\\"" , 1.00,{"x":"\\"y\\"","b\\"]":"\\"y\\""} ], "n":1E-22 ,"s":"}\\\\" }',
    );
    assert.deepEqual(seen, ['a.0', 'a.2.x', 'a.2.b"]', 's']);
  });

  it('visits each string at its path and changes nothing unless told', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 5 }), fc.integer({ min: 0, max: 2 }), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const found: [string, string][] = [];
        const same = replaceStrings(text, ({ path, raw }) => {
          found.push([JSON.stringify(path), decodeString(raw)]);
          return undefined;
        });
        assert.equal(same, text);
        assert.deepEqual(found, stringsOf(JSON.parse(text), []));
        const marked = replaceStrings(text, ({ raw }) => `<${raw}>`);
        assert.deepEqual(
          stringsOf(JSON.parse(marked), []),
          found.map(([path, value]) => [path, `<${value}>`]),
        );
      }),
    );
  });
});

function stringsOf(value: unknown, path: readonly (string | number)[]): [string, string][] {
  if (typeof value === 'string') return [[JSON.stringify(path), value]];
  if (Array.isArray(value)) return value.flatMap((each, i) => stringsOf(each, [...path, i]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => stringsOf(each, [...path, name]));
}
