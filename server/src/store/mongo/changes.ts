import type { Collection, Document, ClientSession } from 'mongodb';
import type { Filter } from '../../search/query.ts';
import { admits, openChangePage, sealChangePage } from '../change-page.ts';
import type { ChangePage, ChangeQuery } from '../version-store.ts';
import type { Connection } from './connect.ts';
import { storedVersion, WITHOUT_INDEX } from './documents.ts';
import type { VersionFields } from './documents.ts';
import { placesOf } from './log-marks.ts';

/** Lists versions in the order of their commits. @param session a snapshot session: a version moves when it is replaced */
export async function changes(
  { collections, pageKey }: Pick<Connection, 'collections' | 'pageKey'>,
  session: ClientSession,
  query: ChangeQuery,
): Promise<ChangePage> {
  const { types, since, at, narrowed, count } = query;
  if (narrowed) admits(narrowed, []);
  const below = openChangePage(pageKey, query);
  const { after, before } = await placesOf(collections, session, { since, to: at?.to });
  const match: Document[] = [{ seq: { $gt: after, $lt: Math.min(below, before) } }];
  if (types) match.push({ type: { $in: types } });
  if (since !== undefined) match.push({ lastUpdated: { $gte: since } });
  if (narrowed) match.push(byPatients(narrowed));
  if (at) match.push({ lastUpdated: { $lt: at.to } });
  const replaced = at ? [...match, { ended: { $gt: at.from } }] : match;
  const { resources, versions } = collections as unknown as Record<
    'resources' | 'versions',
    Collection<VersionFields>
  >;
  const found: VersionFields[] = [];
  for (const [collection, conditions] of [
    [resources, match],
    [versions, replaced],
  ] as const) {
    const some = collection
      .find({ $and: conditions }, { session, projection: WITHOUT_INDEX })
      .sort({ seq: -1 })
      .limit(count + 1);
    found.push(...(await some.toArray()));
  }
  found.sort((a, b) => b.seq - a.seq);
  const shown = found.slice(0, count);
  const page = { versions: shown.map(storedVersion) };
  const last = shown.at(-1);
  if (found.length <= count || !last) return page;
  return { ...page, next: sealChangePage(pageKey, query, last.seq) };
}

/** The filter over the patients of a version, see `admits`. */
function byPatients(filter: Filter): Document {
  switch (filter.op) {
    case 'and':
      return filter.all.length === 0 ? {} : { $and: filter.all.map(byPatients) };
    case 'or':
      return filter.any.length === 0 ? { _id: { $in: [] } } : { $or: filter.any.map(byPatients) };
    case 'not':
      return { $nor: [byPatients(filter.filter)] };
    case 'patients':
      if (filter.mode === 'not-in') return { patients: { $nin: filter.patients } };
      // The first follows from the second, and an index knows it.
      return {
        $and: [
          { $or: [{ patients: { $in: filter.patients } }, { patients: [] }] },
          { patients: { $not: { $elemMatch: { $nin: filter.patients } } } },
        ],
      };
    default:
      throw new RangeError('Changes are narrowed by patients only');
  }
}
