import { syntheaRecords } from '../search/synthea-resources.ts';
import type { Population } from '@chartseal/conformance/synthea';

/** 230 records (some of the dead), about 60,000 resources; more are copies under other ids, names and identifiers. */
const POPULATION: Population = { patients: 200, years: 3, seed: 1 };

const UUID = /[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/g;

export interface Template {
  readonly type: string;
  readonly text: string;
}

/** A resource that is a template's, or is like it but for what `renamed` changes in every text. */
export interface Multiplied {
  readonly template: Template;
  /** Undefined: the template itself. */
  readonly renamed: ((text: string) => string) | undefined;
}

/** The templates, which a run reads once: hospitals and practitioners, and records of whole patients. */
export interface Templates {
  readonly common: readonly Template[];
  readonly records: readonly {
    readonly templates: readonly Template[];
    readonly ids: ReadonlySet<string>;
  }[];
}

export async function readTemplates(): Promise<Templates> {
  const [hospitals = [], practitioners = [], ...records] = await syntheaRecords(POPULATION);
  const template = (resource: Readonly<Record<string, unknown>>): Template => ({
    type: String(resource['resourceType']),
    text: JSON.stringify(resource),
  });
  return {
    common: [...hospitals, ...practitioners].map(template),
    records: records.map((record) => ({
      templates: record.map(template),
      ids: new Set(record.map(({ id }) => String(id).slice(0, 8))),
    })),
  };
}

/** As many resources as wanted: all templates, then all their records again and again as copies. The same number gives the same. */
export function* multiplied({ common, records }: Templates, wanted: number): Generator<Multiplied> {
  let left = wanted;
  for (const template of common) if (left-- > 0) yield { template, renamed: undefined };
  for (let copy = 0; ; copy++) {
    for (const { templates, ids } of records) {
      const renamed = copy === 0 ? undefined : renaming(ids, copy);
      for (const template of templates) {
        if (left-- <= 0) return;
        yield { template, renamed };
      }
    }
  }
}

/** Ids of a record are told by their first eight digits, which a copy changes. */
function renaming(own: ReadonlySet<string>, copy: number): (text: string) => string {
  return (text) =>
    text.length < 36
      ? text
      : text.replaceAll(UUID, (start) => (own.has(start) ? shifted(start, copy) : start));
}

function shifted(start: string, copy: number): string {
  const mixed = (Number.parseInt(start, 16) ^ Math.imul(copy, 2654435761)) >>> 0;
  return mixed.toString(16).padStart(8, '0');
}

/** A Patient's text with another number behind each name: the families of copies need not be the same. */
export function otherNames(text: string): string {
  const id = /"id":"([0-9a-f]{8})/.exec(text)?.[1] ?? '0';
  return text.replaceAll(/(?<=\p{L}{2})\d{1,3}(?=")/gu, (digits) =>
    String((Number(digits) + Number.parseInt(id, 16)) % 1000),
  );
}
