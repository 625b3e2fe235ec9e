import type { ClientSession } from 'mongodb';
import type { TypedFilter } from '../../search/query.ts';
import { byName } from './collections.ts';
import { isOutOfTime, maxTimeMS } from './guard.ts';
import { countOf } from './lookup.ts';
import type { Lookup } from './lookup.ts';
import type { Source } from './sources.ts';
import { stepsThrough } from './steps.ts';

/**
 * Tells how many there are in one source: at one go if that does not take too long, step by step otherwise.
 * @throws SearchTooCostly
 */
export async function totalOf(
  source: Source,
  asked: Lookup,
  { parts, session }: { readonly parts: readonly TypedFilter[]; readonly session: ClientSession },
): Promise<number> {
  const options = { session, maxTimeMS };
  try {
    return await countOf(source, asked, options);
  } catch (error) {
    if (!isOutOfTime(error) || asked.hint !== undefined || source.name === 'resource') throw error;
  }
  let total = 0;
  for (const type of new Set(parts.map((part) => part.type))) {
    for await (const some of stepsThrough(source, type, session)) {
      const match = { $and: [asked.match, { type: { $eq: type } }, some] };
      total += await countOf(source, { ...asked, match, hint: byName }, options);
    }
  }
  return total;
}
