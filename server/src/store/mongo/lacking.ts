import type { ClientSession, Document } from 'mongodb';
import { BY_NAME } from './collections.ts';
import { MAX_TIME_MS } from './guard.ts';
import type { Source } from './sources.ts';
import { stepsThrough } from './steps.ts';

/**
 * Names of all resources of a type that match, looked for step by step, since no index knows what lacks something;
 * undefined when there are more than `most`.
 * @throws SearchTooCostly
 */
export async function namesOfAll(
  source: Source,
  type: string,
  match: Document,
  { session, most }: { readonly session: ClientSession; readonly most: number },
): Promise<readonly string[] | undefined> {
  const names: string[] = [];
  for await (const some of stepsThrough(source, type, session)) {
    const found = await source.collection
      .find(
        { $and: [match, some] },
        {
          session,
          maxTimeMS: MAX_TIME_MS,
          projection: { _id: 1 },
          hint: BY_NAME,
          batchSize: most + 2,
        },
      )
      .limit(most + 1 - names.length)
      .toArray();
    names.push(...found.map(({ _id }) => _id));
    if (names.length > most) return undefined;
  }
  return names;
}
