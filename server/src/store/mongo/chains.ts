import type { ClientSession, Collection, Document } from 'mongodb';
import type { Chain, Filter, Referenced } from '../../search/query.ts';
import { SearchTooCostly } from '../resource-store.ts';
import { entryKey, resourceKey } from './documents.ts';
import type { ResourceDocument } from './documents.ts';
import { toMatch } from './filter.ts';

/** Resources that one link of a chain may lead through: their keys fit well into one query. */
const mostLinked = 20_000;

/**
 * The condition each link of a chain stands for, found from its far end: which resources there satisfy it, and then what
 * refers to them or is referred to by them. In the snapshot of the session, so that page, total and links are of one moment.
 * @throws SearchTooCostly when a link leads through more than `most` resources
 */
export class Links {
  readonly #resources: Collection<ResourceDocument>;
  readonly #session: ClientSession;
  readonly #most: number;
  readonly #found = new Map<Filter, Document>();

  constructor(
    resources: Collection<ResourceDocument>,
    session: ClientSession,
    most: number = mostLinked,
  ) {
    this.#resources = resources;
    this.#session = session;
    this.#most = most;
  }

  /** The whole filter in MongoDB's query language. */
  async match(filter: Filter, type: string): Promise<Document> {
    await this.#resolve(filter, type);
    return toMatch(filter, type, (link) => this.#found.get(link) ?? { _id: { $in: [] } });
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
      case 'chain':
        this.#found.set(filter, await this.#chain(filter, type));
        return;
      case 'referenced':
        this.#found.set(filter, await this.#referenced(filter, type));
        return;
      default:
    }
  }

  async #chain(chain: Chain, type: string): Promise<Document> {
    const found = await this.#resources
      .find(await this.#there(chain), { session: this.#session, projection: { _id: 1 } })
      .limit(this.#most + 1)
      .toArray();
    this.#bound(found.length);
    const p = { $eq: entryKey(type, 'reference', chain.param) };
    return { e: { $elemMatch: { p, v: { $in: found.map(({ _id }) => _id) } } } };
  }

  async #referenced(link: Referenced, type: string): Promise<Document> {
    const p = entryKey(link.type, 'reference', link.param);
    const start = resourceKey(type, '');
    const targets = await this.#resources
      .aggregate<{ _id: string }>(
        [
          { $match: { $and: [await this.#there(link), { e: { $elemMatch: { p: { $eq: p } } } }] } },
          { $project: { e: 1 } },
          { $unwind: '$e' },
          {
            $match: {
              'e.p': { $eq: p },
              'e.v': { $gte: start, $lt: `${type}0` },
            },
          },
          { $limit: this.#most + 1 },
          { $project: { _id: '$e.v' } },
        ],
        { session: this.#session },
      )
      .toArray();
    this.#bound(targets.length);
    return { _id: { $in: [...new Set(targets.map(({ _id }) => _id))] } };
  }

  async #there({ type, filter, within }: Chain | Referenced): Promise<Document> {
    const match = await this.match({ op: 'and', all: [filter, within] }, type);
    return { $and: [{ type: { $eq: type }, deleted: false }, match] };
  }

  #bound(found: number): void {
    if (found > this.#most) {
      throw new SearchTooCostly('A chained criterion leads through too many resources');
    }
  }
}
