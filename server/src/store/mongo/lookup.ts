import type { AggregateOptions, Document } from 'mongodb';
import { isNothing } from '../../search/query.ts';
import type { Filter, TypedFilter } from '../../search/query.ts';
import { anyOf } from './alternatives.ts';
import type { Links } from './chains.ts';
import { BY_END } from './collections.ts';
import { BY_PATIENT, concernedBy, concerning } from './concerned-patients.ts';
import { InsideMarks, unmarked, unmarkedInside } from './inside-marks.ts';
import { branches } from './shared-inside.ts';
import type { Source } from './sources.ts';

/** Says what is asked of one source. */
export interface Lookup {
  /** Says what its indexes can be asked. */
  readonly match: Document;
  /** Stages that leave what satisfies all of it; mostly none are needed. */
  readonly then: readonly Document[];
  /** Says where MongoDB has to look: left to itself it tries all indexes that could do. */
  readonly hint?: Readonly<Record<string, 1>>;
}

/** Looks up what satisfies the filter of its type, of one of these. @param parts not empty */
export async function lookup(
  parts: readonly TypedFilter[],
  links: Links,
  source: Source,
): Promise<Lookup> {
  const marks = new InsideMarks();
  // A branch that finds nothing costs like any other.
  const some = parts.filter(({ filter }, i) => i === 0 || !isNothing(filter));
  const exact = await matchOf(some, { links, source, mark: marks.mark });
  const computing = marks.stages();
  if (computing.length > 0) {
    const match = await matchOf(some, { links, source });
    return { match, then: [...computing, { $match: exact }] };
  }
  const [only, ...others] = some;
  const found = { match: exact, then: [] };
  if (only === undefined || others.length > 0 || namesResources(only.filter)) return found;
  if (source.name === 'resource') return { ...found, hint: BY_END };
  const patients = concernedBy(only.filter);
  if (patients === undefined) return found;
  return { match: { $and: [concerning(patients), exact] }, then: [], hint: BY_PATIENT };
}

async function matchOf(
  parts: readonly TypedFilter[],
  { links, source, mark }: LookupContext,
): Promise<Document> {
  const filterOf = (filter: Filter): Filter => (mark ? filter : unmarked(filter));
  const either: Document[] = [];
  for (const { inside, parts: alike } of branches(parts)) {
    const any: Document[] = [];
    for (const { type, filter } of alike)
      any.push(await links.match(filterOf(filter), type, source, mark));
    if (!inside) either.push(...any);
    else {
      const asked = mark ? inside : { ...inside, filter: unmarkedInside(inside.filter) };
      either.push({ $and: [await links.holding(asked, source, mark), anyOf(any)] });
    }
  }
  return anyOf(either);
}

interface LookupContext {
  readonly links: Links;
  readonly source: Source;
  /** Absent: without what only marks decide. */
  readonly mark?: InsideMarks['mark'];
}

/** Tells how many there are, at most `limit`. */
export async function countOf(
  { collection }: Source,
  { match, then, hint }: Lookup,
  options: AggregateOptions & { readonly limit?: number },
): Promise<number> {
  const where = hint && { hint };
  if (then.length === 0) return collection.countDocuments(match, { ...options, ...where });
  const { limit, ...rest } = options;
  const some = limit === undefined ? [] : [{ $limit: limit }];
  const counted = await collection
    .aggregate<{ n: number }>([{ $match: match }, ...then, ...some, { $count: 'n' }], {
      ...rest,
      ...where,
    })
    .toArray();
  return counted[0]?.n ?? 0;
}

/** Nothing leads there faster than the names themselves. */
function namesResources(filter: Filter): boolean {
  if (filter.op === 'and') return filter.all.some(namesResources);
  return filter.op === 'id' || (filter.op === 'token' && filter.param === 'identifier');
}
