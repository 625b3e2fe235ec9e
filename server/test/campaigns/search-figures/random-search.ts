import type { IndexEntry } from '../../../src/search/query.ts';
import type { Sample } from './load.ts';

/** Names and values of a search that finds the sample; undefined when it has no value for one of the parameters. */
export function searchFor(
  { id, index }: Sample,
  parameters: readonly string[],
): readonly (readonly [string, string])[] | undefined {
  const pairs = parameters.map((name): readonly [string, string] | undefined => {
    if (name === '_id') return [name, id];
    const value = index
      .filter(({ param }) => param === name)
      .map(valueOf)
      .find(Boolean);
    return value === undefined ? undefined : [name, value];
  });
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

function valueOf(entry: IndexEntry): string | undefined {
  switch (entry.kind) {
    case 'token':
      return entry.system === null ? entry.code : `${entry.system}|${entry.code}`;
    case 'string':
      return escaped(entry.value);
    case 'reference':
      return entry.target;
    case 'date':
      return `ge${new Date(Math.max(entry.from, 0)).toISOString().slice(0, 10)}`;
    default:
      return undefined;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\,|$]/g, String.raw`\$&`);
}
