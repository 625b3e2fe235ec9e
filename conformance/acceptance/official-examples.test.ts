import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from '@jest/globals';
import { ask, packageFile } from './support/fhir-client.ts';
import { lexicalDifference, tokens } from './support/lexical-json.ts';

const types = [
  'Organization',
  'Practitioner',
  'Patient',
  'Observation',
  'MedicationRequest',
  'Consent',
];

describe('the comparer', () => {
  it('sees every lexical difference outside id and meta, and none inside', () => {
    const sent =
      '{"resourceType":"Basic","id":"a","meta":{"tag":[{"code":"x"}]},"n":[1.00,"\\u00e9"],"o":{"id":"k"}}';
    assert.equal(
      lexicalDifference(sent, sent.replace('"id":"a"', '"id":"b"').replace('"x"', '"y"')),
      undefined,
    );
    assert.equal(lexicalDifference(sent, sent.replaceAll(',', ' ,\n ')), undefined);
    for (const [from, to] of [
      ['1.00', '1.0'],
      ['\\u00e9', 'é'],
      ['"k"', '"l"'],
      ['"n"', '"m"'],
      [',"o":{"id":"k"}', ''],
    ] as const) {
      assert.notEqual(
        lexicalDifference(sent, sent.replace(from, to)),
        undefined,
        `${from} → ${to}`,
      );
    }
    assert.throws(() => tokens('{"a":"b'));
  });
});

describe('the official R4 examples', () => {
  for (const type of types) {
    it(`of ${type} are stored and read back with no lexical difference`, async () => {
      const files = readdirSync(packageFile('hl7.fhir.r4.examples')).filter(
        (name) => name.startsWith(`${type}-`) && name.endsWith('.json'),
      );
      assert.ok(files.length >= 10, `only ${files.length} examples of ${type}`);
      const faults: string[] = [];
      const queue = [...files];
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
            const fault = await roundTrip(
              type,
              readFileSync(packageFile('hl7.fhir.r4.examples', file), 'utf8'),
            );
            if (fault !== undefined) faults.push(`${file}: ${fault}`);
          }
        }),
      );
      assert.deepEqual(faults, []);
    }, 300_000);
  }
});

async function roundTrip(type: string, text: string): Promise<string | undefined> {
  const { id } = JSON.parse(text) as { id: string };
  const written = await ask('system', `${type}/${id}`, { method: 'PUT', body: text });
  if (written.status !== 201 && written.status !== 200)
    return `PUT ${written.status} ${written.text}`;
  const read = await ask('system', `${type}/${id}`);
  if (read.status !== 200) return `GET ${read.status} ${read.text}`;
  return lexicalDifference(text, read.text);
}
