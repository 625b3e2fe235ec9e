import type { StatementSync } from 'node:sqlite';

/** The least code of a parameter that is not less than one. */
export const FIRST_CODE = `SELECT code FROM token_entry INDEXED BY token_by_value
  WHERE param = ? AND code >= ? ORDER BY code LIMIT 1`;

/** From code to code by the index, however many entries have each. @param first the statement `FIRST_CODE` */
export function codesFrom(
  first: StatementSync,
  param: number,
  known: ReadonlySet<string>,
): readonly string[] {
  const found: string[] = [];
  for (let row = first.get(param, ''); row !== undefined;) {
    const code = String(row.code);
    if (!known.has(code)) found.push(code);
    row = first.get(param, `${code}\0`);
  }
  return found;
}
