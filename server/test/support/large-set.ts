import type { WriteSet } from '../../src/store/store.ts';
import { aLeaf, aVersion, token } from './store-samples.ts';

export const LARGE = 2_000;

/** So many Observations `name-0` …, with a leaf each and a record `name` that is only written if it is not there. */
export function aLargeSet(name: string, version = 1): WriteSet {
  // As of a request: every body is a part of the same bytes.
  const request = Buffer.from(`{"set":"${name}"}`.repeat(LARGE));
  const length = request.length / LARGE;
  const versions = Array.from({ length: LARGE }, (_, i) =>
    aVersion({
      id: `${name}-${i}`,
      version,
      patients: [`p${i % 10}`],
      body: request.subarray(i * length, (i + 1) * length),
      index: [
        token('status', null, 'final'),
        token(`param-${name}`, 'urn:system', `code-${i}`),
        { kind: 'date', param: 'date', from: i, to: i + 1 },
        { kind: 'number', param: 'value', low: i, high: Infinity },
      ],
    }),
  );
  return {
    versions,
    leaves: versions.map(({ leaf }, i) => aLeaf(leaf, i % 2 ? { content: Buffer.from(leaf) } : {})),
    records: [
      {
        collection: 'sets',
        key: name,
        value: Buffer.from(name),
        ...(version === 1 && { expected: null }),
      },
    ],
  };
}
