import type { Document } from 'mongodb';
import type { Filter } from '../../search/query.ts';
import { entryKey } from './entries.ts';

type Near = Extract<Filter, { readonly op: 'near' }>;
type Containing = Extract<Filter, { readonly op: 'string' }> & {
  readonly match: 'contains' | 'suffix';
};

/** Is what MongoDB's query language cannot say: an expression has to. */
export type ComputedCriterion = Near | Containing;

export function isComputed(filter: Filter): filter is ComputedCriterion {
  if (filter.op === 'near') return true;
  return filter.op === 'string' && (filter.match === 'contains' || filter.match === 'suffix');
}

/**
 * A condition that limits what has to be computed, and the expression that decides.
 * @param of where the entries stand: `$` for a document, `$$name.` for what a variable holds
 */
export function computed(
  filter: ComputedCriterion,
  type: string,
): { readonly limit: Document; readonly holds: (of: `$${string}`) => Document } {
  return filter.op === 'near' ? near(filter, type) : containing(filter, type);
}

/** The box around it limits what is read; the sum is that of search/sphere.ts, term by term. */
function near(filter: Near, type: string): ReturnType<typeof computed> {
  const { x, y, z, chord } = filter;
  const key = entryKey(type, 'position', filter.param);
  // The box may not lose what rounding takes from the sum.
  const side = chord + 1e-9;
  const within = (at: number): Document => ({ $gte: at - side, $lte: at + side });
  const square = (axis: 'x' | 'y' | 'z', at: number): Document => {
    const apart = { $subtract: [`$$place.${axis}`, { $literal: at }] };
    return { $multiply: [apart, apart] };
  };
  const sum = { $add: [{ $add: [square('x', x), square('y', y)] }, square('z', z)] };
  const found = { $lte: [sum, { $literal: chord * chord }] };
  return {
    limit: { g: { $elemMatch: { p: { $eq: key }, x: within(x), y: within(y), z: within(z) } } },
    holds: (of) => some({ $ifNull: [`${of}g`, []] }, key, { as: 'place', found }),
  };
}

function containing(filter: Containing, type: string): ReturnType<typeof computed> {
  const key = entryKey(type, 'string', filter.param);
  const length = Buffer.byteLength(filter.value, 'utf8');
  const end = { $max: [0, { $subtract: [{ $strLenBytes: '$$text.v' }, length] }] };
  const from = filter.match === 'suffix' ? [end] : [];
  const at = { $indexOfBytes: ['$$text.v', { $literal: filter.value }, ...from] };
  return {
    limit: { e: { $elemMatch: { p: { $eq: key } } } },
    holds: (of) => some(`${of}e`, key, { as: 'text', found: { $gte: [at, 0] } }),
  };
}

/** Tells whether it is found in one of the entries of this name. */
function some(
  entries: Document | string,
  key: string,
  { as, found }: { readonly as: string; readonly found: Document },
): Document {
  const cond = { $eq: [`$$${as}.p`, { $literal: key }] };
  return {
    $anyElementTrue: [
      { $map: { input: { $filter: { input: entries, as, cond } }, as, in: found } },
    ],
  };
}
