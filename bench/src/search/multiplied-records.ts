import { syntheaRecords } from '../../../conformance/search/synthea-resources.ts';
import type { Population } from '../../../conformance/src/synthea.ts';

/** 230 records (some of the dead), about 60,000 resources; more are copies under other ids, names and identifiers. */
const POPULATION: Population = { patients: 200, years: 3, seed: 1 };

const UUID = /[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12}))/g;

/**
 * Resources of whole patients as JSON, as many as wanted: first hospitals and practitioners, then records, again and
 * again as copies whose ids (and what else carries them) differ. The same number gives the same resources.
 */
export async function* multipliedRecords(wanted: number): AsyncGenerator<string> {
  const [hospitals = [], practitioners = [], ...records] = await syntheaRecords(POPULATION);
  let left = wanted;
  for (const resource of [...hospitals, ...practitioners]) {
    if (left-- <= 0) return;
    yield JSON.stringify(resource);
  }
  const texts = records.map((record) => record.map((resource) => JSON.stringify(resource)));
  const ids = records.map((record) => new Set(record.map(({ id }) => String(id).slice(0, 8))));
  for (let copy = 0; ; copy++) {
    for (const [i, record] of texts.entries()) {
      for (const text of record) {
        if (left-- <= 0) return;
        yield copy === 0 ? text : copied(text, ids[i] ?? new Set(), copy);
      }
    }
  }
}

/** Ids of a record are told by their first eight digits, which a copy changes. */
function copied(text: string, own: ReadonlySet<string>, copy: number): string {
  const other = text.replaceAll(UUID, (start) => (own.has(start) ? shifted(start, copy) : start));
  if (!other.startsWith('{"resourceType":"Patient"')) return other;
  // Names end in digits, so that families of copies need not be the same.
  return other.replaceAll(/(\p{L}{2})(\d{1,3})(?=")/gu, (_, letters: string, digits: string) => {
    return `${letters}${(Number(digits) + copy * 37) % 1000}`;
  });
}

function shifted(start: string, copy: number): string {
  const mixed = (Number.parseInt(start, 16) ^ Math.imul(copy, 2654435761)) >>> 0;
  return mixed.toString(16).padStart(8, '0');
}
