import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../explanation.ts';
import type {
  ChangePage,
  ChangeQuery,
  ScanPage,
  SearchPage,
  StoredVersion,
  VersionName,
  VersionStore,
  VersionWrite,
} from '../version-store.ts';
import { oldestOf } from '../oldest-of.ts';
import { changes } from './changes.ts';
import { codes } from './codes.ts';
import type { ConnectionUse } from './connection-use.ts';
import { resourceKey, storedVersion, WITHOUT_INDEX } from './documents.ts';
import { explain } from './explain.ts';
import { reindexOperation } from './reindex.ts';
import { search } from './search.ts';

export class MongoVersions implements VersionStore {
  readonly #use: ConnectionUse;
  readonly #mostSorted: number;

  /** @param mostSorted candidates up to which all are sorted for a page, instead of looking for it along an index */
  constructor(use: ConnectionUse, mostSorted: number) {
    this.#use = use;
    this.#mostSorted = mostSorted;
  }

  current(type: string, id: string): Promise<StoredVersion | undefined> {
    return this.#use.run(async ({ collections }) => {
      const found = await collections.resources.findOne(
        { _id: { $eq: resourceKey(type, id) } },
        { projection: WITHOUT_INDEX },
      );
      return found ? storedVersion(found) : undefined;
    });
  }

  version(type: string, id: string, version: number): Promise<StoredVersion | undefined> {
    return this.#use.run(async ({ collections: { resources, versions } }) => {
      // In this order a version that is superseded meanwhile is found in the second place.
      const found =
        (await resources.findOne(
          { _id: { $eq: resourceKey(type, id) }, version: { $eq: version } },
          { projection: WITHOUT_INDEX },
        )) ??
        (await versions.findOne(
          { _id: { $eq: `${resourceKey(type, id)}/${version}` } },
          { projection: WITHOUT_INDEX },
        ));
      return found ? storedVersion(found) : undefined;
    });
  }

  newerThan(named: readonly VersionName[]): Promise<readonly StoredVersion[]> {
    return this.#use.run(async ({ collections: { resources } }) => {
      const numbers = new Map(
        oldestOf(named).map(({ type, id, version }) => [resourceKey(type, id), version]),
      );
      if (numbers.size === 0) return [];
      const known = await resources
        .find({ _id: { $in: [...numbers.keys()] } }, { projection: { version: 1 } })
        .toArray();
      const newer = known.filter(({ _id, version }) => version > (numbers.get(_id) ?? version));
      if (newer.length === 0) return [];
      // Most are what they were: only the others are worth their bodies.
      const found = await resources
        .find({ _id: { $in: newer.map(({ _id }) => _id) } }, { projection: WITHOUT_INDEX })
        .toArray();
      return found.map(storedVersion);
    });
  }

  async history(
    type: string,
    id: string,
    page: { count: number; before?: number },
  ): Promise<readonly StoredVersion[]> {
    const current = await this.current(type, id);
    if (!current || page.count === 0) return [];
    const before = page.before ?? current.version + 1;
    const newest = current.version < before ? [current] : [];
    if (newest.length === page.count) return newest;
    return this.#use.run(async ({ collections }) => {
      const older = await collections.versions
        .find(
          {
            resource: { $eq: resourceKey(type, id) },
            version: { $lt: Math.min(before, current.version) },
          },
          { projection: WITHOUT_INDEX },
        )
        .sort({ version: -1 })
        .limit(page.count - newest.length)
        .toArray();
      return [...newest, ...older.map(storedVersion)];
    });
  }

  async historyCount(type: string, id: string): Promise<number> {
    return (await this.current(type, id))?.version ?? 0;
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return this.#use.snapshot((connection, session) =>
      search(connection, session, query, this.#mostSorted),
    );
  }

  explain(query: SearchQuery): Promise<readonly Explanation[]> {
    return this.#use.snapshot((connection, session) =>
      explain(connection, session, query, this.#mostSorted),
    );
  }

  changes(query: ChangeQuery): Promise<ChangePage> {
    return this.#use.snapshot((connection, session) => changes(connection, session, query));
  }

  scan(type: string, page: ScanPage): Promise<readonly StoredVersion[]> {
    return this.#use.run(async ({ collections }) => {
      const found = await collections.resources
        .find(
          {
            type: { $eq: type },
            deleted: false,
            _id: { $gt: resourceKey(type, page.after ?? '') },
          },
          { projection: WITHOUT_INDEX },
        )
        .sort({ _id: 1 })
        .limit(page.count)
        .toArray();
      return found.map(storedVersion);
    });
  }

  reindex(versions: readonly VersionWrite[]): Promise<void> {
    return this.#use.run(async ({ collections }) => {
      if (versions.length === 0) return;
      await collections.resources.bulkWrite(versions.map(reindexOperation));
    });
  }

  codes(type: string, param: string, known: ReadonlySet<string>): Promise<readonly string[]> {
    return this.#use.run(({ collections }) => codes(collections, { type, param, known }));
  }

  types(): Promise<ReadonlySet<string>> {
    return this.#use.run(
      async ({ collections }) => new Set(await collections.resources.distinct('type')),
    );
  }
}
