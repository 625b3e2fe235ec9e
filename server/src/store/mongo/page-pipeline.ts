import type { Document } from 'mongodb';
import type { SearchQuery } from '../../search/query.ts';
import type { PagePlace } from '../page.ts';
import { WITHOUT_INDEX } from './documents.ts';
import type { Lookup } from './lookup.ts';
import { beyond, keysOf, orderOf, startOf } from './order.ts';
import { keyStages } from './sort-stages.ts';
import type { Source } from './sources.ts';

/** The stages that find a page. @param by.settled of so many first keys all candidates have the same value, or none */
export function pagePipeline(
  query: SearchQuery,
  { match, then }: Lookup,
  by: {
    readonly source: Source;
    readonly sources: readonly Source[];
    readonly place: PagePlace | undefined;
    readonly settled?: number;
  },
): Document[] {
  const { source, sources, place, settled = 0 } = by;
  const { name } = source;
  const all = keysOf(query.sort, { name, severalTypes: query.others !== undefined });
  const types = [query, ...(query.others ?? [])].map(({ type }) => type);
  const computed = all.map(({ key, own }, i) => (own ? [] : keyStages(key, i, { types, sources })));
  const keys = all.slice(settled);
  const absences = Object.fromEntries(
    keys.flatMap(({ field, own }, i) => (own ? [] : [[`n${i}`, { $eq: [`$${field}`, null] }]])),
  );
  const from = place?.from && { ...place.from, keys: place.from.keys.slice(settled) };
  const reading = { keys, backwards: place?.backwards === true, name, type: query.type };
  return [
    { $match: from ? { $and: [match, startOf(reading, from)] } : match },
    ...then,
    ...computed.slice(settled).flat(),
    ...(Object.keys(absences).length === 0 ? [] : [{ $set: absences }]),
    ...(from && keys.length > 0 ? [{ $match: { $expr: beyond(reading, from) } }] : []),
    { $sort: orderOf(reading) },
    { $limit: query.count + 1 },
    ...computed.slice(0, settled).flat(),
    { $project: WITHOUT_INDEX },
  ];
}
