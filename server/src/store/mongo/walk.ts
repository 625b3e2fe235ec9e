import type { ClientSession, Document } from 'mongodb';
import type { SearchQuery } from '../../search/query.ts';
import type { PagePlace, Position } from '../page.ts';
import type { ResourceDocument } from './documents.ts';
import { byTime } from './collections.ts';
import { entryLine } from './entry-line.ts';
import { maxTimeMS } from './guard.ts';
import { namesOfAll } from './lacking.ts';
import { leads } from './leading.ts';
import { timeLine } from './line.ts';
import type { Line, Range } from './line.ts';
import type { Lookup } from './lookup.ts';
import { pagePipeline } from './page-pipeline.ts';
import { ownField } from './sort-stages.ts';
import type { Source } from './sources.ts';

/** Names that are looked up one by one. */
const mostNamed = 3_000;

/** Candidates that do not differ in the first keys of the order. */
interface Alike {
  readonly match: Document;
  /** Says how many keys those are. */
  readonly settled: number;
  /** Says where reading begins among them; undefined: at an end. */
  readonly from: Position | undefined;
  readonly wanted: number;
}

/**
 * The first rows of a page in one source, with their sort values. Where candidates are many, they are not sorted all: what
 * comes first is looked for along the index of the first key, and among those that are alike in it along that of the next.
 */
export class Walk {
  readonly #query: SearchQuery;
  readonly #asked: Lookup;
  readonly #source: Source;
  readonly #sources: readonly Source[];
  readonly #place: PagePlace | undefined;
  readonly #session: ClientSession;
  readonly #most: number;
  readonly #lines = new Map<number, Promise<Line | undefined>>();

  constructor(
    query: SearchQuery,
    asked: Lookup,
    by: {
      readonly source: Source;
      readonly sources: readonly Source[];
      readonly place: PagePlace | undefined;
      readonly session: ClientSession;
      readonly mostSorted: number;
    },
  ) {
    this.#query = query;
    this.#asked = asked;
    this.#source = by.source;
    this.#sources = by.sources;
    this.#place = by.place;
    this.#session = by.session;
    this.#most = by.mostSorted;
  }

  /** In the order of reading. */
  async page(): Promise<readonly ResourceDocument[]> {
    const { match } = this.#asked;
    const wanted = this.#query.count + 1;
    return this.#rows({ match, settled: 0, from: this.#place?.from, wanted });
  }

  /** MongoDB's plan for looking along the index of the first key; undefined where all are sorted. */
  async plan(): Promise<Document | undefined> {
    const { match } = this.#asked;
    const alike = { match, settled: 0, from: undefined, wanted: this.#query.count + 1 };
    if (!this.#mayWalk(0) || (await this.#few(alike))) return undefined;
    return (await this.#lineOf(0))?.plan(match);
  }

  get #backwards(): boolean {
    return this.#place?.backwards === true;
  }

  async #rows(alike: Alike): Promise<readonly ResourceDocument[]> {
    const { from, wanted, settled } = alike;
    if (!this.#mayWalk(settled)) return this.#sorted(alike);
    const names = await this.#few(alike);
    if (names) return this.#named(names, alike);
    const line = await this.#lineOf(settled);
    if (line === undefined) return this.#sorted(alike);
    const lacking = (some: Alike): Promise<readonly ResourceDocument[]> =>
      this.#lacking(line, some);
    const present = (some: Alike): Promise<readonly ResourceDocument[]> =>
      this.#present(line, some);
    const parts = this.#backwards ? [lacking, present] : [present, lacking];
    const begun = from !== undefined && (from.keys[settled] === null ? lacking : present);
    const found: ResourceDocument[] = [];
    for (const part of parts.slice(begun ? parts.indexOf(begun) : 0)) {
      if (found.length === wanted) break;
      const start = part === begun ? from : undefined;
      found.push(...(await part({ ...alike, from: start, wanted: wanted - found.length })));
    }
    return found;
  }

  /** Reads those that have a value. */
  async #present(line: Line, alike: Alike): Promise<readonly ResourceDocument[]> {
    const { from, settled } = alike;
    const found: ResourceDocument[] = [];
    const rest = (): Alike => ({
      ...alike,
      from: undefined,
      wanted: alike.wanted - found.length,
    });
    const next = settled + 1;
    let after = from?.keys[settled] ?? undefined;
    if (after !== undefined) {
      found.push(
        ...(await this.#rows({ ...narrowed(rest(), line.at(after)), settled: next, from })),
      );
    }
    while (found.length < alike.wanted) {
      const stop = await line.stop(alike.match, after, alike.wanted - found.length);
      found.push(...(await this.#between(line, { after, before: stop }, rest())));
      if (stop === undefined || found.length === alike.wanted) break;
      found.push(...(await this.#rows({ ...narrowed(rest(), line.at(stop)), settled: next })));
      after = stop;
    }
    return found;
  }

  async #between(line: Line, range: Range, alike: Alike): Promise<readonly ResourceDocument[]> {
    // Without the names MongoDB would try other indexes than that of the line.
    const names = await line.names(alike.match, range, mostNamed);
    return names ? this.#named(names, alike) : this.#sorted(narrowed(alike, line.between(range)));
  }

  /** Reads those that have none. */
  async #lacking(line: Line, alike: Alike): Promise<readonly ResourceDocument[]> {
    if (await line.complete()) return [];
    const some = { ...narrowed(alike, line.lacking), settled: alike.settled + 1 };
    const names = await namesOfAll(this.#source, this.#query.type, some.match, {
      session: this.#session,
      most: this.#most,
    });
    return this.#rows(names ? narrowed(some, { _id: { $in: names } }) : some);
  }

  #named(names: readonly string[], alike: Alike): Promise<readonly ResourceDocument[]> {
    if (names.length === 0) return Promise.resolve([]);
    return this.#sorted({ ...alike, match: { _id: { $in: names } } });
  }

  async #sorted({ match, settled, from, wanted }: Alike): Promise<readonly ResourceDocument[]> {
    const { then, hint } = this.#asked;
    const pipeline = pagePipeline(
      { ...this.#query, count: wanted - 1 },
      { match, then },
      {
        source: this.#source,
        sources: this.#sources,
        place: this.#place && { ...this.#place, from },
        settled,
      },
    );
    return this.#source.collection
      .aggregate<ResourceDocument>(pipeline, {
        session: this.#session,
        maxTimeMS,
        allowDiskUse: true,
        batchSize: wanted + 1,
        ...(hint && { hint }),
      })
      .toArray();
  }

  /** The names of all that are alike, if they are few. */
  async #few({ match, settled }: Alike): Promise<readonly string[] | undefined> {
    const shown = { $cond: [{ $gt: [{ $size: '$names' }, this.#most] }, null, '$names'] };
    const [found] = await this.#source.collection
      .aggregate<{ readonly names: readonly string[] | null }>(
        [
          { $match: match },
          { $limit: this.#most + 1 },
          { $group: { _id: null, names: { $push: '$_id' } } },
          { $project: { _id: 0, names: shown } },
        ],
        {
          session: this.#session,
          maxTimeMS,
          // MongoDB would try all indexes that begin with the type, which takes long where nothing is found soon.
          ...(settled === 0 && !leads(this.#query.filter) && { hint: byTime }),
        },
      )
      .toArray();
    return found ? (found.names ?? undefined) : [];
  }

  #mayWalk(settled: number): boolean {
    const { sort, others } = this.#query;
    const key = sort[settled];
    if (key === undefined || others !== undefined || this.#source.name === 'resource') return false;
    // Matches that are found among a patient's resources, or computed for each, are read whole in any case.
    if (this.#asked.hint !== undefined || this.#asked.then.length > 0) return false;
    if (sort.some(({ through }) => through !== undefined)) return false;
    const own = ownField(key);
    // An index has this very order.
    const given = own === 'lastUpdated' && key.descending && settled + 1 === sort.length;
    return own !== 'id' && !given;
  }

  /** undefined when no index has the order. */
  #lineOf(settled: number): Promise<Line | undefined> {
    const line = this.#lines.get(settled) ?? this.#newLine(settled);
    this.#lines.set(settled, line);
    return line;
  }

  #newLine(settled: number): Promise<Line | undefined> {
    const key = this.#query.sort[settled];
    if (key === undefined) return Promise.resolve(undefined);
    const reading = {
      source: this.#source,
      session: this.#session,
      rising: key.descending === this.#backwards,
    };
    return ownField(key) === undefined
      ? entryLine(key, this.#query.type, reading)
      : Promise.resolve(timeLine(reading));
  }
}

function narrowed(alike: Alike, condition: Document): Alike {
  return { ...alike, match: { $and: [alike.match, condition] } };
}
