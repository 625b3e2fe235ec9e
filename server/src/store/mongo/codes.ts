import { RISING_ENTRIES } from './collections.ts';
import type { Collections } from './collections.ts';
import { entryKey } from './entries.ts';

/** Each is one step in the index, past all entries whose code is known. */
export async function codes(
  { resources }: Pick<Collections, 'resources'>,
  {
    type,
    param,
    known,
  }: { readonly type: string; readonly param: string; readonly known: ReadonlySet<string> },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const other = {
      p: { $eq: entryKey(type, 'token', param) },
      v: { $nin: [...known, ...found] },
    };
    const one = await resources.findOne(
      { e: { $elemMatch: other } },
      { projection: { _id: 0, e: { $elemMatch: other } }, hint: RISING_ENTRIES.e },
    );
    const code = one?.e[0]?.v;
    if (code === undefined) return found;
    found.push(code);
  }
}
