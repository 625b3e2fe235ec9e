import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonError } from '../../src/json/json-error.ts';
import { scanJson } from '../../src/json/scan-json.ts';
import { stampResource } from '../../src/json/stamp-resource.ts';
import { spacedResource } from '../support/arbitrary-json.ts';
import { lexemes } from '../support/lexemes.ts';

const stamp = { id: 'a-1', versionId: '7', lastUpdated: '2026-01-02T03:04:05.678Z' };
const NEW = '"meta":{"versionId":"7","lastUpdated":"2026-01-02T03:04:05.678Z"}';

describe('stampResource', () => {
  const cases: [string, string, string][] = [
    [
      'inserts after resourceType',
      '{ "active" : true, "resourceType":"Patient" ,"x":1.00}',
      `{ "active" : true, "resourceType":"Patient","id":"a-1",${NEW} ,"x":1.00}`,
    ],
    [
      'inserts at the start without resourceType',
      '{\n"x":1E-22}',
      `{"id":"a-1",${NEW},\n"x":1E-22}`,
    ],
    ['fills an empty object', '{}', `{"id":"a-1",${NEW}}`],
    [
      'replaces what is there and keeps the rest of meta',
      '{"meta":{"tag":[ ],"versionId" : 99 ,"lastUpdated":null},"id": "mine", "resourceType":"A"}',
      '{"meta":{"tag":[ ],"versionId" : "7" ,"lastUpdated":"2026-01-02T03:04:05.678Z"},"id": "a-1", "resourceType":"A"}',
    ],
    [
      'adds to an existing meta',
      '{"resourceType":"A","id":"a-1","meta": { "profile":["p"] }}',
      '{"resourceType":"A","id":"a-1","meta": {"versionId":"7","lastUpdated":"2026-01-02T03:04:05.678Z", "profile":["p"] }}',
    ],
    [
      'fills an empty meta',
      '{"resourceType":"A","id":"a-1","meta":{ }}',
      '{"resourceType":"A","id":"a-1","meta":{"versionId":"7","lastUpdated":"2026-01-02T03:04:05.678Z" }}',
    ],
    [
      'leaves inner ids and metas alone',
      '{"id":"x","meta":{"versionId":"1","lastUpdated":"y"},"contained":[{"id":"c","meta":{"versionId":"3"}}]}',
      '{"id":"a-1","meta":{"versionId":"7","lastUpdated":"2026-01-02T03:04:05.678Z"},"contained":[{"id":"c","meta":{"versionId":"3"}}]}',
    ],
  ];
  for (const [what, before, after] of cases) {
    it(what, () => {
      assert.equal(stampResource(before, stamp), after);
      assert.equal(stampResource(scanJson(before), stamp), after);
      assert.equal(stampResource(after, stamp), after);
    });
  }

  it('refuses a meta that is no object', () => {
    for (const meta of ['null', '[]', '"x"', '1']) {
      assert.throws(
        () => stampResource(`{"resourceType":"A","meta":${meta}}`, stamp),
        (error) => error instanceof JsonError && error.reason === 'not-an-object',
      );
    }
  });

  it('changes nothing but id, versionId and lastUpdated', () => {
    fc.assert(
      fc.property(spacedResource, ({ text }) => {
        const stamped = stampResource(text, stamp);
        const before = JSON.parse(text) as Record<string, unknown>;
        const after = JSON.parse(stamped) as Record<string, unknown>;
        const meta = after['meta'] as Record<string, unknown>;
        assert.equal(after['id'], stamp.id);
        assert.equal(meta['versionId'], stamp.versionId);
        assert.equal(meta['lastUpdated'], stamp.lastUpdated);
        assert.deepEqual(without(after, 'id', 'meta'), without(before, 'id', 'meta'));
        assert.deepEqual(
          without(meta, 'versionId', 'lastUpdated'),
          without(before['meta'] ?? {}, 'versionId', 'lastUpdated'),
        );
        assert.deepEqual(lexemesOfTheRest(stamped), lexemesOfTheRest(text));
        assert.equal(stampResource(stamped, stamp), stamped);
      }),
      { numRuns: 500 },
    );
  });
});

function without(object: object, ...names: string[]): unknown {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Raw text of every member that stamping must not touch, in order. */
function lexemesOfTheRest(text: string): string[][] {
  const { members, metaMembers } = scanJson(text);
  return [...members, ...(metaMembers ?? [])]
    .filter(({ name }) => !['id', 'meta', 'versionId', 'lastUpdated'].includes(name))
    .map(({ nameStart, valueEnd }) => lexemes(text.slice(nameStart, valueEnd)));
}
