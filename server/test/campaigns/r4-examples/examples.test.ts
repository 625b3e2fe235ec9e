import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { loadR4 } from '../../../src/r4/r4.ts';
import { examples } from './corpus.ts';
import { runExamplesSuite } from './run.ts';
import { lexicalDifference } from '../xml/compare-json.ts';

const definitions = join(import.meta.dirname, '..', '..', '..', 'definitions');

describe('official examples', () => {
  it('one of fifty goes through the server without a lexical difference', async () => {
    assert.equal(await runExamplesSuite(50), true);
  });

  it('one of forty goes through XML without a lexical difference', () => {
    const r4 = loadR4(definitions, { base: 'http://server.test/fhir' });
    const faults: string[] = [];
    let compared = 0;
    for (const { name, text } of examples(40)) {
      const xml = end(r4.toXml(text, { pretty: compared % 2 === 0 }));
      const difference = lexicalDifference(text, end(r4.fromXml(xml)));
      if (difference !== undefined) faults.push(`${name}: ${difference}`);
      compared += 1;
    }
    assert.ok(compared > 100, `only ${compared} examples`);
    assert.deepEqual(faults, []);
  });
});

function end<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
