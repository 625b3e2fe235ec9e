import { xmlDifference } from './compare-xml.ts';

type Reviver = (name: string, value: unknown, context: { readonly source: string }) => unknown;

/** The first difference of two JSON texts: numbers as they are written, members in any order. */
export function lexicalDifference(a: string, b: string): string | undefined {
  return difference(parse(a), parse(b), '', (left, right) => left === right);
}

/**
 * The first difference of two publications of one example, whose marks as test data (`meta.security` in the one,
 * `meta.tag` in the other) and whose white space in narrative were never the same.
 */
export function publishedDifference(xml: string, json: string): string | undefined {
  return difference(
    withoutMarks(parse(xml)),
    withoutMarks(parse(json)),
    '',
    (left, right) => left === right || (left.startsWith('"<div') && sameNarrative(left, right)),
  );
}

function sameNarrative(a: string, b: string): boolean {
  const [left = '', right = ''] = [a, b].map((each) =>
    (JSON.parse(each) as string)
      .trim()
      .replace(/(?:[ \t\r\n]|&#(?:9|10|13|x9|xa|xd);)+/gi, ' ')
      .replace(/> | (?=<)/g, (found) => found.trim()),
  );
  return xmlDifference(left, right) === undefined;
}

function withoutMarks(resource: unknown): unknown {
  const { meta, ...rest } = resource as { readonly meta?: Readonly<Record<string, unknown>> };
  const kept = Object.entries(meta ?? {}).filter(([name]) => name !== 'security' && name !== 'tag');
  return kept.length === 0 ? rest : { ...rest, meta: Object.fromEntries(kept) };
}

/** Scalars become their JSON text. */
function parse(json: string): unknown {
  const revive: Reviver = (_name, value, { source }) => {
    if (typeof value === 'object' && value !== null) return value;
    return typeof value === 'string' ? JSON.stringify(value) : source;
  };
  return JSON.parse(json, revive as (name: string, value: unknown) => unknown);
}

function difference(
  a: unknown,
  b: unknown,
  path: string,
  same: (a: string, b: string) => boolean,
): string | undefined {
  if (typeof a === 'string' && typeof b === 'string') {
    return same(a, b) ? undefined : `${path}: ${shown(a)} and ${shown(b)}`;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path}: ${shown(a)} and ${shown(b)}`;
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = difference(left[name], right[name], `${path}/${name}`, same);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 80);
}
