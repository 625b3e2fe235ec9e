import type { ClientSession, Document } from 'mongodb';
import { SearchTooCostly } from '../resource-store.ts';
import { byName } from './collections.ts';
import { resourceKey } from './documents.ts';
import { maxTimeMS } from './guard.ts';
import type { Source } from './sources.ts';

/** Resources looked at in one step, and steps. */
const perStep = 20_000;
const mostSteps = 25;

/**
 * Names of all resources of a type that match, looked for step by step, since no index knows what lacks something;
 * undefined when there are more than `most`.
 * @throws SearchTooCostly
 */
export async function namesOfAll(
  { collection }: Source,
  type: string,
  match: Document,
  { session, most }: { readonly session: ClientSession; readonly most: number },
): Promise<readonly string[] | undefined> {
  const names: string[] = [];
  const options = { session, maxTimeMS, projection: { _id: 1 }, hint: byName };
  let after = resourceKey(type, '');
  for (let step = 0; step < mostSteps; step += 1) {
    const rest = { type: { $eq: type }, deleted: false, _id: { $gt: after } };
    const [last] = await collection
      .find(rest, options)
      .sort({ _id: 1 })
      .skip(perStep - 1)
      .limit(1)
      .toArray();
    const some = { _id: { $gt: after, ...(last && { $lte: last._id }) } };
    const found = await collection
      .find({ $and: [match, some] }, options)
      .limit(most + 1 - names.length)
      .toArray();
    names.push(...found.map(({ _id }) => _id));
    if (names.length > most) return undefined;
    if (last === undefined) return names;
    after = last._id;
  }
  throw new SearchTooCostly('What has no value to sort by is looked for in too many resources');
}
