import type { ClientSession, Document } from 'mongodb';
import { SearchTooCostly } from '../errors.ts';
import { BY_NAME } from './collections.ts';
import { resourceKey } from './documents.ts';
import { MAX_TIME_MS } from './guard.ts';
import type { Source } from './sources.ts';

/** Resources in one step, and steps: each may take `MAX_TIME_MS`. */
const BOUNDS = { per: 20_000, most: 25 };

/**
 * Conditions that part the current resources of a type by their names, one for each step.
 * @throws SearchTooCostly when it would take too many of them, before the first
 */
export async function* stepsThrough(
  { collection }: Source,
  type: string,
  session: ClientSession,
  { per, most }: typeof BOUNDS = BOUNDS,
): AsyncGenerator<Document, void> {
  const every = { type: { $eq: type }, deleted: false };
  const options = { session, maxTimeMS: MAX_TIME_MS, hint: BY_NAME };
  const resources = await collection.countDocuments(every, { ...options, limit: per * most + 1 });
  if (resources > per * most) {
    throw new SearchTooCostly('The search looks at too many resources: add a criterion');
  }
  let after = resourceKey(type, '');
  for (;;) {
    const [last] = await collection
      .find({ ...every, _id: { $gt: after } }, { ...options, projection: { _id: 1 } })
      .sort({ _id: 1 })
      .skip(per - 1)
      .limit(1)
      .toArray();
    yield { _id: { $gt: after, ...(last && { $lte: last._id }) } };
    if (last === undefined) return;
    after = last._id;
  }
}
