import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { JsonError } from '../../src/json/json-error.ts';
import { scanElements, scanJson } from '../../src/json/scan-json.ts';

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
