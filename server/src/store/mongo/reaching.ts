import type { Document } from 'mongodb';

/** Lists of entries, of which each element of `i` has its own. */
const LISTS = ['e', 'r', 'c', 'g'];

/**
 * Conditions on a document that follow from one on an element of `i`, said so that MongoDB enters an index with all of it: of
 * an array inside of an array it takes no more than the first field.
 */
export function reaching(element: Document): readonly Document[] {
  return Object.entries(element).flatMap(([field, condition]) => followsFrom(field, condition));
}

function followsFrom(field: string, condition: unknown): readonly Document[] {
  if (field === '$and') return (condition as Document[]).flatMap(reaching);
  if (field === 'd') return [{ i: { $elemMatch: { d: condition } } }];
  if (field === '$or') {
    const any = (condition as Document[]).map(reaching);
    return any.some((all) => all.length === 0) ? [] : [{ $or: any.map(every) }];
  }
  return LISTS.includes(field) ? [{ [`i.${field}`]: condition }] : [];
}

function every(all: readonly Document[]): Document {
  const [only] = all;
  return all.length === 1 && only ? only : { $and: all };
}
