import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonError } from '../../src/json/json-error.ts';
import { decodeString, encodeString, replaceStrings } from '../../src/json/replace-strings.ts';
import { scanElements, scanJson } from '../../src/json/scan-json.ts';

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

describe('scanElements', () => {
  const text = '{"resourceType":"Bundle", "entry" : [ {"a":1.0 , "b":[{}]}, 2 ,[] ],"c":[{}]}';

  it('pauses after each element and ends with the scan of the whole', () => {
    const scanning = scanElements(text, 'entry');
    const elements: [string, string | undefined][] = [];
    for (;;) {
      const step = scanning.next();
      if (step.done === true) {
        assert.deepEqual(step.value, scanJson(text));
        break;
      }
      const { start, end, members } = step.value;
      elements.push([
        text.slice(start, end),
        members?.map((m) => `${m.name}=${text.slice(m.valueStart, m.valueEnd)}`).join(),
      ]);
    }
    assert.deepEqual(elements, [
      ['{"a":1.0 , "b":[{}]}', 'a=1.0,b=[{}]'],
      ['2', undefined],
      ['[]', undefined],
    ]);
  });

  it('names the place of what it refuses as the whole scan does', () => {
    for (const broken of [
      text.replace('1.0', '01'),
      text.replace('"b"', '"a"'),
      text.replace('"c"', '"entry"'),
      `${text}x`,
      text.slice(0, 40),
    ]) {
      const whole = refusal(() => scanJson(broken));
      assert.deepEqual(
        refusal(() => [...scanElements(broken, 'entry')]),
        whole,
      );
    }
    assert.match(
      refusal(() => scanJson(text.replace('1.0', '01'))).path,
      /^Bundle\.entry\[0\]\.a$/,
    );
  });
});

function refusal(act: () => unknown): { readonly message: string; readonly path: string } {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof JsonError);
    return { message: error.message, path: error.path };
  }
  throw new Error('nothing was refused');
}

function stringsOf(value: unknown, path: readonly (string | number)[]): [string, string][] {
  if (typeof value === 'string') return [[JSON.stringify(path), value]];
  if (Array.isArray(value)) return value.flatMap((each, i) => stringsOf(each, [...path, i]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => stringsOf(each, [...path, name]));
}
