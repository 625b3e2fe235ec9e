import type { ClientSession, Document } from 'mongodb';
import type { Chain, Contents, Filter, Hierarchy, Link, Referenced } from '../../search/query.ts';
import { SearchTooCostly } from '../resource-store.ts';
import { maxTimeMS } from './guard.ts';
import { resourceKey } from './documents.ts';
import { entryKey } from './entries.ts';
import { contents, holding, toMatch } from './filter.ts';
import type { InsideMarks } from './inside-marks.ts';
import type { Source } from './sources.ts';

/** Resources that one link of a chain may lead through: their keys fit well into one query. */
const mostLinked = 20_000;

/** The condition of a link, for a source that has its names in this field. */
type MatchOn = (name: Source['name']) => Document;

/**
 * The condition each link of a chain stands for, found from its far end: which resources there satisfy it, and then what
 * refers to them or is referred to by them. In the snapshot of the session, so that page, total and links are of one moment.
 * @throws SearchTooCostly when a link leads through more than `most` resources
 */
export class Links {
  readonly #sources: readonly Source[];
  readonly #session: ClientSession;
  readonly #most: number;
  readonly #found = new Map<Filter, MatchOn>();

  constructor(sources: readonly Source[], session: ClientSession, most: number = mostLinked) {
    this.#sources = sources;
    this.#session = session;
    this.#most = most;
  }

  /** Returns what resources of the type in this source satisfy the filter, in MongoDB's query language. */
  async match(
    filter: Filter,
    type: string,
    { name, shown }: Source,
    mark?: InsideMarks['mark'],
  ): Promise<Document> {
    await this.#resolve(filter, type);
    const by = { link: this.#conditionIn(name), name, ...(mark && { mark }) };
    return { $and: [{ type: { $eq: type }, ...shown }, toMatch(filter, type, by)] };
  }

  /** Returns what contained resources satisfy it, each as a document by itself. */
  async contents(asked: Contents, { name }: Source): Promise<Document> {
    await this.#resolve(asked.filter, asked.type);
    return contents(asked, { link: this.#conditionIn(name), name: 'd' });
  }

  /** Resources that contain what satisfies it. */
  async holding(asked: Contents, { name }: Source, mark?: InsideMarks['mark']): Promise<Document> {
    await this.#resolve(asked.filter, asked.type);
    return holding(asked, { link: this.#conditionIn(name), name, ...(mark && { mark }) });
  }

  #conditionIn(name: Source['name']): (link: Link) => Document {
    return (link) => this.#found.get(link)?.(name) ?? { _id: { $in: [] } };
  }

  async #resolve(filter: Filter, type: string): Promise<void> {
    switch (filter.op) {
      case 'and':
        for (const part of filter.all) await this.#resolve(part, type);
        return;
      case 'or':
        for (const part of filter.any) await this.#resolve(part, type);
        return;
      case 'not':
        return this.#resolve(filter.filter, type);
      case 'inside':
        return this.#resolve(filter.filter, filter.type);
      case 'chain':
        if (!this.#found.has(filter)) this.#found.set(filter, await this.#chain(filter, type));
        if (filter.contained) await this.#resolve(filter.contained, type);
        return;
      case 'referenced':
        if (!this.#found.has(filter)) this.#found.set(filter, await this.#referenced(filter, type));
        return;
      case 'hierarchy':
        if (!this.#found.has(filter)) this.#found.set(filter, await this.#hierarchy(filter, type));
        return;
      default:
    }
  }

  async #hierarchy(link: Hierarchy, type: string): Promise<MatchOn> {
    const all = new Set([resourceKey(link.type, link.id)]);
    let newest = [...all];
    while (newest.length > 0) {
      const found: string[] = [];
      for (const source of this.#sources) found.push(...(await this.#step(link, newest, source)));
      newest = [...new Set(found)].filter((target) => !all.has(target));
      for (const target of newest) all.add(target);
      this.#bound(all.size);
    }
    const p = { $eq: entryKey(type, 'reference', link.param) };
    return () => ({ e: { $elemMatch: { p, v: { $in: [...all] } } } });
  }

  /** One step further down or up from these. */
  async #step(
    { type, parent, direction, within }: Hierarchy,
    from: readonly string[],
    source: Source,
  ): Promise<string[]> {
    const { collection, name } = source;
    const p = entryKey(type, 'reference', parent);
    const visible = await this.match(within, type, source);
    const linked =
      direction === 'below'
        ? { e: { $elemMatch: { p: { $eq: p }, v: { $in: from } } } }
        : { [name]: { $in: from } };
    const found = await collection
      .find(
        { $and: [visible, linked] },
        {
          session: this.#session,
          maxTimeMS,
          projection: direction === 'below' ? { [name]: 1 } : { e: 1 },
        },
      )
      .limit(this.#most + 1)
      .toArray();
    this.#bound(found.length);
    if (direction === 'below') return found.map((each: Document) => String(each[name]));
    const start = resourceKey(type, '');
    return found.flatMap(({ e }) =>
      e.filter((entry) => entry.p === p && entry.v.startsWith(start)).map(({ v }) => v),
    );
  }

  async #chain(chain: Chain, type: string): Promise<MatchOn> {
    const targets: string[] = [];
    for (const source of this.#sources) {
      const { collection, name } = source;
      const found = await collection
        .find(await this.#there(chain, source), {
          session: this.#session,
          maxTimeMS,
          projection: { [name]: 1 },
        })
        .limit(this.#most + 1)
        .toArray();
      targets.push(...found.map((each: Document) => String(each[name])));
      this.#bound(targets.length);
    }
    const p = { $eq: entryKey(type, 'reference', chain.param) };
    return () => ({ e: { $elemMatch: { p, v: { $in: targets } } } });
  }

  async #referenced(link: Referenced, type: string): Promise<MatchOn> {
    const p = entryKey(link.type, 'reference', link.param);
    const start = resourceKey(type, '');
    const targets: string[] = [];
    for (const source of this.#sources) {
      const there = await this.#there(link, source);
      const found = await source.collection
        .aggregate<{ v: string }>(
          [
            { $match: { $and: [there, { e: { $elemMatch: { p: { $eq: p } } } }] } },
            { $project: { e: 1 } },
            { $unwind: '$e' },
            { $match: { 'e.p': { $eq: p }, 'e.v': { $gte: start, $lt: `${type}0` } } },
            { $limit: this.#most + 1 },
            { $project: { _id: 0, v: '$e.v' } },
          ],
          { session: this.#session, maxTimeMS },
        )
        .toArray();
      targets.push(...found.map(({ v }) => v));
      this.#bound(targets.length);
    }
    const names = [...new Set(targets)];
    return (name) => ({ [name]: { $in: names } });
  }

  #there({ type, filter, within }: Chain | Referenced, source: Source): Promise<Document> {
    return this.match({ op: 'and', all: [filter, within] }, type, source);
  }

  #bound(found: number): void {
    if (found > this.#most) {
      throw new SearchTooCostly('A chained criterion leads through too many resources');
    }
  }
}
