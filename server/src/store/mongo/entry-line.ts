import { MaxKey, MinKey } from 'mongodb';
import type { Document, FindCursor, FindOptions } from 'mongodb';
import { compareText } from '../../search/compare.ts';
import type { SortKey } from '../../search/query.ts';
import { BY_TIME, EVERY_ONE, FALLING_ENTRIES, RISING_ENTRIES } from './collections.ts';
import { EntryConditions, FIELDS } from './entry-conditions.ts';
import type { Entries } from './entry-conditions.ts';
import { sortLists } from './entries.ts';
import type { SortList } from './entries.ts';
import { MAX_TIME_MS } from './guard.ts';
import type { Line, LineReading, Range, Reached, Value } from './line.ts';

/**
 * Says how many times what is wanted is looked at where the order of reading is not that in which an index meets
 * resources.
 */
const MARGIN = 4;

/** Says how many rows are looked at from either end where no index has the order. */
const SAMPLE = 500;

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
  if (others.length > 0) return undefined;
  const { rising } = reading;
  return new EntryLine(type, { ...found, descending: key.descending, rising }, reading);
}

/** Returns those of these lists that have entries at all. */
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
      { session, maxTimeMS: MAX_TIME_MS },
    )
    .toArray();
  return found.flatMap(({ i }) => lists[i] ?? []);
}

/** The order of one parameter's entries, however it is read. */
class EntryLine implements Line {
  readonly #type: string;
  readonly #entries: Entries;
  readonly #reading: LineReading;
  readonly #conditions: EntryConditions;
  /** An index of texts from the greatest would cost too much with every write. */
  readonly #inOrder: boolean;

  constructor(type: string, entries: Entries, reading: LineReading) {
    this.#type = type;
    this.#entries = entries;
    this.#reading = reading;
    this.#conditions = new EntryConditions(entries);
    this.#inOrder = entries.rising || entries.list === 'r';
  }

  at(value: Value): Document {
    return this.#conditions.at(value);
  }

  between(range: Range): Document {
    return this.#conditions.between(range);
  }

  get lacking(): Document {
    return this.#conditions.lacking;
  }

  async complete(): Promise<boolean> {
    const { source, session } = this.#reading;
    const { list, p } = this.#entries;
    const options = { session, maxTimeMS: MAX_TIME_MS };
    // Counted in indexes alone.
    const some = await source.collection.countDocuments({ [`${list}.p`]: { $eq: p } }, options);
    const all = { type: { $eq: this.#type }, deleted: false };
    return some === (await source.collection.countDocuments(all, options));
  }

  async names(match: Document, range: Range, most: number): Promise<readonly string[] | undefined> {
    const { session } = this.#reading;
    const found = await this.#along(match, range, { session, projection: { _id: 1 } })
      .limit(most + 1)
      .toArray();
    return found.length > most ? undefined : found.map(({ _id }) => String(_id));
  }

  async stop(match: Document, after: Reached, wanted: number): Promise<Reached> {
    const { session } = this.#reading;
    if (this.#inOrder) {
      const found = await this.#next(match, { after, wanted }, { session }).toArray();
      return this.#sorted(found)[wanted - 1];
    }
    const most = Math.max(SAMPLE, wanted);
    const some = (last: boolean) =>
      this.#written(match, { after, last }, { session }).limit(most).toArray();
    const found = await some(true);
    if (found.length < most) return this.#sorted(found)[wanted - 1];
    found.push(...(await some(false)));
    return this.#sorted(found)[wanted - 1];
  }

  plan(match: Document): Promise<Document> {
    const cursor = this.#inOrder
      ? this.#next(match, { after: undefined, wanted: 1 }, {})
      : this.#written(match, { after: undefined, last: true }, {});
    return cursor.explain('queryPlanner');
  }

  /** Along the index, from one value to another. */
  #along(match: Document, { after, before }: Range, options: FindOptions): FindCursor<Document> {
    const { list, rising } = this.#entries;
    const order = rising || !this.#inOrder ? RISING_ENTRIES[list] : FALLING_ENTRIES;
    const [least, greatest] = [new MinKey(), new MaxKey()];
    const [start, end] = order === FALLING_ENTRIES ? [greatest, least] : [least, greatest];
    const [first, last] = this.#inOrder ? [after, before] : [before, after];
    return this.#reading.source.collection
      .find<Document>(
        { $and: [match, this.#conditions.between({ after, before }), EVERY_ONE] },
        { maxTimeMS: MAX_TIME_MS, ...options },
      )
      .hint(order)
      .min(this.#bound(first, start, end))
      .max(this.#bound(last, end, start));
  }

  /** Bounds a range so that no entry with the very value of the bound belongs to it. */
  #bound(reached: Reached, open: MinKey | MaxKey, closed: MinKey | MaxKey): Document {
    const { list, p } = this.#entries;
    const [field, third] = FIELDS[list];
    return {
      [`${list}.p`]: p,
      [`${list}.${field}`]: reached ?? open,
      [`${list}.${third}`]: reached === undefined ? open : closed,
    };
  }

  /** Finds what comes next, where an index has the order. */
  #next(
    match: Document,
    { after, wanted }: { readonly after: Reached; readonly wanted: number },
    options: FindOptions,
  ): FindCursor<Document> {
    const { rising, descending } = this.#entries;
    return (
      this.#along(match, { after, before: undefined }, { ...options, ...this.#standing })
        // An index meets a resource first where it stands, or last.
        .limit(rising === descending ? MARGIN * wanted : wanted)
    );
  }

  /** Finds what was written last, or first: where values rise or fall with time, the greatest are at one end. */
  #written(
    match: Document,
    { after, last }: { readonly after: Reached; readonly last: boolean },
    options: FindOptions,
  ): FindCursor<Document> {
    return this.#reading.source.collection
      .find<Document>(
        { $and: [match, this.#conditions.between({ after, before: undefined })] },
        { maxTimeMS: MAX_TIME_MS, ...options, ...this.#standing },
      )
      .hint(BY_TIME)
      .sort(last ? { lastUpdated: -1, _id: 1 } : { lastUpdated: 1, _id: -1 });
  }

  get #standing(): FindOptions {
    return { projection: { _id: 0, k: this.#conditions.value } };
  }

  #sorted(found: readonly Document[]): readonly Value[] {
    const { rising } = this.#entries;
    return found.map(({ k }) => k as Value).sort(rising ? ascending : (a, b) => ascending(b, a));
  }
}

/** Orders values of one list, so either all are numbers or none is. */
function ascending(a: Value, b: Value): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));
}
