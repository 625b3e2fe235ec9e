import { MaxKey, MinKey } from 'mongodb';
import type { Document, FindOptions } from 'mongodb';
import { compareText } from '../../search/compare.ts';
import type { SortKey } from '../../search/query.ts';
import { byTime, everyOne, fallingEntries, risingEntries } from './collections.ts';
import { sortLists } from './entries.ts';
import type { SortList } from './entries.ts';
import { maxTimeMS } from './guard.ts';
import { stretch } from './line.ts';
import type { Line, LineReading, Range, Reached, Value } from './line.ts';

const FIELDS = { e: ['v', 'w'], r: ['l', 'h'] } as const;

/**
 * Says how many times what is wanted is looked at where the order of reading is not that in which an index meets
 * resources.
 */
const margin = 4;

/** Says how many rows are looked at from either end where no index has the order. */
const sample = 500;

/** The order of a parameter's values; undefined when it is not that of one index. */
export async function entryLine(
  key: SortKey,
  type: string,
  reading: LineReading,
): Promise<Line | undefined> {
  const lists = sortLists(type, key.param);
  const [first] = lists;
  if (first === undefined) return undefined;
  const [found = first, ...others] = await present(lists, reading);
  return others.length === 0 ? lineOf(key, { type, ...found }, reading) : undefined;
}

/** Which of these have entries at all. */
async function present(
  lists: readonly SortList[],
  { source: { collection }, session }: LineReading,
): Promise<readonly SortList[]> {
  const [first = [], ...others] = lists.map(({ list, p }, i) => [
    { $match: { [list]: { $elemMatch: { p: { $eq: p } } } } },
    { $limit: 1 },
    { $project: { _id: 0, i: { $literal: i } } },
  ]);
  const coll = collection.collectionName;
  const found = await collection
    .aggregate<{ readonly i: number }>(
      [...first, ...others.map((pipeline) => ({ $unionWith: { coll, pipeline } }))],
      { session, maxTimeMS },
    )
    .toArray();
  return found.flatMap(({ i }) => lists[i] ?? []);
}

/** A resource stands at its least value when the order is ascending, at its greatest when it is descending, however it is read. */
function lineOf(
  { descending }: SortKey,
  { type, list, p }: SortList & { readonly type: string },
  reading: LineReading,
): Line {
  const { source, session, rising } = reading;
  const [field, third] = FIELDS[list];
  const having = (is: Document): Document => ({
    [list]: {
      $elemMatch: { p: { $eq: p }, ...(Object.keys(is).length > 0 && { [field]: is }) },
    },
  });
  const none = (is: Document): Document => ({ $nor: [having(is)] });
  const between = (after: Reached, before: Reached): Document => {
    const [low, high] = rising ? [after, before] : [before, after];
    const entry = having(stretch(rising, after, before));
    if (descending) return high === undefined ? entry : both(entry, none({ $gte: high }));
    return low === undefined ? entry : both(entry, none({ $lte: low }));
  };
  const entries = { $filter: { input: `$${list}`, cond: { $eq: ['$$this.p', { $literal: p }] } } };
  const values = { $map: { input: entries, in: `$$this.${field}` } };
  const value = { [descending ? '$max' : '$min']: values };
  // An index of texts from the greatest would cost too much with every write.
  const inOrder = rising || list === 'r';
  const order = rising || !inOrder ? risingEntries[list] : fallingEntries;
  const [least, greatest] = [new MinKey(), new MaxKey()];
  const [start, end] = order === fallingEntries ? [greatest, least] : [least, greatest];
  // No entry with the very value that bounds a range belongs to it.
  const bound = (reached: Reached, open: Document, closed: Document): Document => ({
    [`${list}.p`]: p,
    [`${list}.${field}`]: reached ?? open,
    [`${list}.${third}`]: reached === undefined ? open : closed,
  });
  const along = (match: Document, { after, before }: Range, options: FindOptions) => {
    const [first, last] = inOrder ? [after, before] : [before, after];
    return source.collection
      .find<Document>(
        { $and: [match, between(after, before), everyOne] },
        { maxTimeMS, ...options },
      )
      .hint(order)
      .min(bound(first, start, end))
      .max(bound(last, end, start));
  };
  const standing = { projection: { _id: 0, k: value } };
  /** Finds what comes next, where an index has the order. */
  const next = (match: Document, after: Reached, wanted: number, options: FindOptions) =>
    along(match, { after, before: undefined }, { ...options, ...standing })
      // An index meets a resource first where it stands, or last.
      .limit(rising === descending ? margin * wanted : wanted);
  /** Finds what was written last, or first: where values rise or fall with time, the greatest are at one end. */
  const written = (match: Document, after: Reached, last: boolean, options: FindOptions) =>
    source.collection
      .find<Document>(
        { $and: [match, between(after, undefined)] },
        { maxTimeMS, ...options, ...standing },
      )
      .hint(byTime)
      .sort(last ? { lastUpdated: -1, _id: 1 } : { lastUpdated: 1, _id: -1 });
  const sorted = (found: readonly Document[]): readonly Value[] =>
    found.map(({ k }) => k as Value).sort(rising ? ascending : (a, b) => ascending(b, a));
  return {
    at: (value) => both(having({ $eq: value }), none({ [descending ? '$gt' : '$lt']: value })),
    between: ({ after, before }) => between(after, before),
    lacking: none({}),
    complete: async () => {
      const options = { session, maxTimeMS };
      // Counted in indexes alone.
      const some = await source.collection.countDocuments({ [`${list}.p`]: { $eq: p } }, options);
      const all = { type: { $eq: type }, deleted: false };
      return some === (await source.collection.countDocuments(all, options));
    },
    names: async (match, range, most) => {
      const found = await along(match, range, { session, projection: { _id: 1 } })
        .limit(most + 1)
        .toArray();
      return found.length > most ? undefined : found.map(({ _id }) => String(_id));
    },
    stop: async (match, after, wanted) => {
      if (inOrder) {
        return sorted(await next(match, after, wanted, { session }).toArray())[wanted - 1];
      }
      const most = Math.max(sample, wanted);
      const some = (last: boolean) =>
        written(match, after, last, { session }).limit(most).toArray();
      const found = await some(true);
      if (found.length < most) return sorted(found)[wanted - 1];
      found.push(...(await some(false)));
      return sorted(found)[wanted - 1];
    },
    plan: (match) =>
      (inOrder ? next(match, undefined, 1, {}) : written(match, undefined, true, {})).explain(
        'queryPlanner',
      ),
  };
}

function both(one: Document, other: Document): Document {
  return { $and: [one, other] };
}

/** Orders values of one list, so either all are numbers or none is. */
function ascending(a: Value, b: Value): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));
}
