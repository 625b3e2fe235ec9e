import type { Document } from 'mongodb';
import type { SortKey } from '../../search/query.ts';
import { placeOf } from '../page.ts';
import type { Position } from '../page.ts';
import { resourceKey } from './documents.ts';
import { ownField } from './sort-stages.ts';
import type { Source } from './sources.ts';

/** Keys, and the field each is in. */
export interface OrderedKey {
  readonly key: SortKey;
  readonly field: string;
  readonly own: boolean;
}

export interface Reading {
  readonly keys: readonly OrderedKey[];
  readonly backwards: boolean;
  readonly name: Source['name'];
  readonly type: string;
}

/** The keys of a search, of one type or of several. */
export function keysOf(
  sort: readonly SortKey[],
  { name, severalTypes }: { readonly name: Source['name']; readonly severalTypes: boolean },
): readonly OrderedKey[] {
  return sort.map((key, i) => {
    const own = ownField(key);
    // The order of names of one type is that of ids, and there is an index for it.
    const field = own === 'id' && !severalTypes ? name : (own ?? `k${i}`);
    return { key, field, own: own !== undefined };
  });
}

/** Documents are resources, or what contains the rows, or the rows that lie in them, with their place in `n`. */
export type RowKind = 'resource' | 'container' | 'contained';

export function orderOf({ keys, backwards, name }: Reading): Document {
  const order = new Map<string, 1 | -1>();
  keys.forEach(({ key, field, own }, i) => {
    if (!own) order.set(`n${i}`, backwards ? -1 : 1);
    if (!order.has(field)) order.set(field, key.descending === backwards ? 1 : -1);
  });
  if (!order.has(name)) order.set(name, backwards ? -1 : 1);
  return Object.fromEntries(order);
}

/** A bound that follows from `beyond` and that an index can use. */
export function startOf(
  { keys, backwards, name, type }: Reading,
  from: Position,
  kind: RowKind = 'resource',
): Document {
  const [first] = keys;
  if (first === undefined) {
    return { [name]: { [sideOf(backwards, from, kind)]: resourceKey(from.type, from.id) } };
  }
  if (!first.own) return {};
  const side = first.key.descending === backwards ? '$gte' : '$lte';
  return { [first.field]: { [side]: valueAt(first, from.keys[0] ?? null, { name, type }) } };
}

/** Rows strictly beyond a position, in the order of reading. Expressions, because they compare across types as the sort does. */
export function beyond(
  { keys, backwards, name, type }: Reading,
  from: Position,
  kind: RowKind = 'resource',
): Document {
  const last = lastBeyond(backwards, name, { from, kind });
  return keys.reduceRight<Document>((rest, ordered, i) => {
    const field = `$${ordered.field}`;
    const at = from.keys[i] ?? null;
    const value = { $literal: valueAt(ordered, at, { name, type }) };
    const same = { $and: [{ $eq: [field, value] }, rest] };
    const present = { $ne: [field, null] };
    // A resource without a value stands at the end of the order.
    if (at === null) return backwards ? { $or: [present, same] } : same;
    const rising = ordered.key.descending === backwards;
    const further = { [rising ? '$gt' : '$lt']: [field, value] };
    if (backwards) return { $or: [{ $and: [present, further] }, same] };
    return { $or: [further, { $eq: [field, null] }, same] };
  }, last);
}

function lastBeyond(
  backwards: boolean,
  name: Source['name'],
  { from, kind }: { readonly from: Position; readonly kind: RowKind },
): Document {
  const [field, value] = [`$${name}`, { $literal: resourceKey(from.type, from.id) }];
  const further = { [sideOf(backwards, from, kind)]: [field, value] };
  if (kind !== 'contained') return further;
  const place = { [backwards ? '$lt' : '$gt']: ['$n', placeOf(from)] };
  return { $or: [further, { $and: [{ $eq: [field, value] }, place] }] };
}

/** A resource stands before what it contains, and a container may hold more rows than the one that was come to. */
function sideOf(backwards: boolean, { place }: Position, kind: RowKind): string {
  const same = kind === 'container' || (kind === 'resource' && backwards && place !== undefined);
  return `${backwards ? '$lt' : '$gt'}${same ? 'e' : ''}`;
}

function valueAt(
  { field }: OrderedKey,
  value: Position['keys'][number],
  { name, type }: Pick<Reading, 'name' | 'type'>,
): Position['keys'][number] {
  return field === name ? resourceKey(type, String(value)) : value;
}
