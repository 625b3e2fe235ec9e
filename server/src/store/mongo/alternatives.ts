import type { Document } from 'mongodb';

/**
 * Any of these conditions. Those that ask for one text each, under one name, become one list, for which MongoDB enters an
 * index once and compares an entry with a set.
 */
export function anyOf(conditions: readonly Document[]): Document {
  const flat = conditions.flatMap(flattened);
  const lists = Map.groupBy(flat, (condition) => listKey(condition));
  const rest = lists.get(undefined) ?? [];
  lists.delete(undefined);
  const all = [...rest, ...[...lists.values()].map(listed)];
  const [only] = all;
  return all.length === 1 && only ? only : { $or: all };
}

function flattened(condition: Document): readonly Document[] {
  const { $or: any, ...more } = condition;
  return Array.isArray(any) && Object.keys(more).length === 0
    ? (any as Document[]).flatMap(flattened)
    : [condition];
}

interface Entry {
  readonly p: { readonly $eq: string };
  readonly v: { readonly $eq: string };
  readonly w?: { readonly $eq: string | null };
}

/** Everything but the text; undefined of what is no single text. */
function listKey(condition: Document): string | undefined {
  const entry = entryOf(condition);
  return entry && JSON.stringify([entry.p.$eq, entry.w]);
}

function entryOf(condition: Document): Entry | undefined {
  const { e, ...more } = condition as { readonly e?: { readonly $elemMatch?: Document } };
  const fields = e?.$elemMatch;
  if (fields === undefined || Object.keys(more).length > 0) return undefined;
  const { p, v, w, ...others } = fields as Partial<Record<string, Document>>;
  const equal = [p, v, ...(w === undefined ? [] : [w])].every(
    (operand) => operand !== undefined && Object.keys(operand).join() === '$eq',
  );
  return equal && Object.keys(others).length === 0 ? (fields as Entry) : undefined;
}

function listed(conditions: readonly Document[]): Document {
  const [first] = conditions;
  const entry = first && entryOf(first);
  if (!first || !entry || conditions.length === 1) return first ?? {};
  const texts = conditions.map((condition) => entryOf(condition)?.v.$eq ?? '');
  return { e: { $elemMatch: { ...entry, v: { $in: texts } } } };
}
