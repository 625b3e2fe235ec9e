import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { fhirPathPatch, jsonPatch, refusal } from '../../support/r4-patch.ts';

const SPACED = '{ "resourceType":"Basic",\n "n" : [ 1.00 ,2e1 ],\t"s":"\\u00e9" }\n';

describe('JSON Patch', () => {
  const EDITS: readonly (readonly [name: string, patch: string, from: string, to: string])[] = [
    ['adds to a list', '[{"op":"add","path":"/n/1","value":3.0}]', ' ,2e1', ' ,3.0,2e1'],
    ['appends to a list', '[{"op":"add","path":"/n/-","value":3.0}]', '2e1 ]', '2e1,3.0 ]'],
    ['removes the last of a list', '[{"op":"remove","path":"/n/1"}]', ' 1.00 ,2e1 ]', ' 1.00 ]'],
    ['replaces', '[{"op":"replace","path":"/s","value":0.10}]', '"\\u00e9"', '0.10'],
    [
      'copies as it was written',
      '[{"op":"copy","from":"/s","path":"/t"}]',
      '"\\u00e9" }',
      '"\\u00e9",\t"t":"\\u00e9" }',
    ],
    ['moves', '[{"op":"move","from":"/n/0","path":"/n/1"}]', '1.00 ,2e1 ]', '2e1, 1.00 ]'],
    ['tests numbers by value', '[{"op":"test","path":"/n","value":[1,20.0]}]', '', ''],
    ['tests strings by characters', '[{"op":"test","path":"/s","value":"é"}]', '', ''],
  ];
  for (const [name, patch, from, to] of EDITS) {
    it(`${name}, and leaves the rest as it was written`, () => {
      assert.equal(
        jsonPatch(SPACED, patch),
        SPACED.replace(from, () => to),
      );
    });
  }

  it('tells decimals apart that one double stands for', () => {
    const text = '{"resourceType":"Basic","n":0.1000000000000000055511151231257827}';
    const test = (value: string) => () =>
      jsonPatch(text, `[{"op":"test","path":"/n","value":${value}}]`);
    assert.match(refusal(test('0.1')) ?? '', /^unprocessable/);
    assert.equal(refusal(test('1.000000000000000055511151231257827e-1')), undefined);
  });

  it('does not follow names that only the language knows', () => {
    for (const path of ['/__proto__', '/constructor', '/n/length', '/n/00', '/n/-1', '/s/0']) {
      const operation = JSON.stringify([{ op: 'test', path, value: null }]);
      assert.match(refusal(() => jsonPatch(SPACED, operation)) ?? 'followed', /^unproc/, path);
    }
  });

  it('names the operation and place of what is no JSON', () => {
    const patch = '[{"op":"remove","path":"/a"},\n{"op":"add","path":"/b","value":01}]';
    assert.match(refusal(() => jsonPatch(SPACED, patch)) ?? '', /Operation 1.*line 2, column/);
    assert.match(refusal(() => jsonPatch(SPACED, '[,]')) ?? '', /line 1, column 2/);
  });

  it('takes strings of many millions of characters, quotation marks and backslashes', () => {
    const text = `{"resourceType":"Binary","data":${JSON.stringify('A'.repeat(20_000_000))},"x":"\\\\"}`;
    assert.ok(jsonPatch(text, [{ op: 'remove', path: '/x' }]) === text.replace(/,"x".*$/, '}'));
    const quoted = `{"resourceType":"Basic","s":${JSON.stringify('\\"'.repeat(1000))}}`;
    assert.equal(jsonPatch(quoted, []), quoted);
  });

  it('lets nothing grow too deep', () => {
    const operations = Array.from({ length: 70 }, (_, depth) => ({
      op: 'add',
      path: `/d${'/d'.repeat(depth)}`,
      value: {},
    }));
    assert.match(refusal(() => jsonPatch(SPACED, operations)) ?? '', /Operation 63.*deep/);
  });
});

const resource = fc
  .record({
    rest: fc.dictionary(
      fc
        .string()
        .map((name) => `x${name}`)
        .filter(isPlain),
      plainValue(4),
    ),
    indent: fc.constantFrom('', ' ', '\t', '    '),
    tail: fc.constantFrom('', '\n', ' \r\n'),
  })
  .map(({ rest, indent, tail }) => ({
    value: { resourceType: 'Basic', ...rest },
    text: JSON.stringify({ resourceType: 'Basic', ...rest }, undefined, indent) + tail,
  }));

describe('for any resource', () => {
  it('an empty patch changes no character', () => {
    fc.assert(
      fc.property(resource, ({ text }) => {
        assert.equal(jsonPatch(text, []), text);
        assert.equal(fhirPathPatch(text), text);
      }),
    );
  });

  it('adding and removing a member or item gives the text back', () => {
    fc.assert(
      fc.property(resource, plainValue(3), ({ text, value: { ...value } }, added) => {
        const list = Object.entries(value).find(([, item]) => Array.isArray(item))?.[0];
        const pointer = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
        const paths = ['/added', ...(list === undefined ? [] : [`/${pointer(list)}/0`])];
        for (const path of paths) {
          const add = { op: 'add', path, value: added };
          const patched = jsonPatch(text, [add]);
          assert.notEqual(patched, text);
          const back = jsonPatch(patched, [
            { op: 'test', path, value: added },
            { op: 'remove', path },
          ]);
          assert.deepEqual(JSON.parse(back), JSON.parse(text));
          if (path === '/added') assert.equal(back, text);
        }
      }),
    );
  });

  it('a failing operation gives no text, whatever came before it', () => {
    fc.assert(
      fc.property(resource, plainValue(2), ({ text }, value) => {
        const patch = [
          { op: 'add', path: '/a', value },
          { op: 'test', path: '/a', value: { not: value } },
        ];
        assert.match(refusal(() => jsonPatch(text, patch)) ?? '', /^unprocessable Operation 1/);
        assert.equal(
          refusal(() => jsonPatch(text, patch.slice(0, 1))),
          undefined,
        );
      }),
    );
  });
});

/** JSON whose member names need no escape: others are refused before anything is read. */
function plainValue(maxDepth: number): fc.Arbitrary<unknown> {
  return fc.jsonValue({ maxDepth }).filter(hasPlainNames);
}

function hasPlainNames(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const inner = Object.values(value).every(hasPlainNames);
  return inner && (Array.isArray(value) || Object.keys(value).every(isPlain));
}

function isPlain(name: string): boolean {
  return !JSON.stringify(name).includes('\\');
}
