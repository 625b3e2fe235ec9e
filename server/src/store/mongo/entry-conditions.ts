import type { Document } from 'mongodb';
import type { SortList } from './entries.ts';
import { stretch } from './line.ts';
import type { Range, Value } from './line.ts';

/** The entries of one parameter in one list of a resource, and the order of their values. */
export interface Entries extends SortList {
  readonly descending: boolean;
  /** From lesser to greater values, however the order is read. */
  readonly rising: boolean;
}

/** The field of an entry that holds its value, and the one that follows in the index. */
export const FIELDS = { e: ['v', 'w'], r: ['l', 'h'] } as const;

/** Asks of resources by the values they stand at: their least when the order is ascending, else their greatest. */
export class EntryConditions {
  readonly #of: Entries;
  readonly #field: string;

  constructor(of: Entries) {
    this.#of = of;
    [this.#field] = FIELDS[of.list];
  }

  at(value: Value): Document {
    return both(
      this.#having({ $eq: value }),
      this.#none({ [this.#of.descending ? '$gt' : '$lt']: value }),
    );
  }

  between({ after, before }: Range): Document {
    const { rising, descending } = this.#of;
    const [low, high] = rising ? [after, before] : [before, after];
    const entry = this.#having(stretch(rising, after, before));
    if (descending) return high === undefined ? entry : both(entry, this.#none({ $gte: high }));
    return low === undefined ? entry : both(entry, this.#none({ $lte: low }));
  }

  get lacking(): Document {
    return this.#none({});
  }

  /** The value that a resource stands at, as an expression. */
  get value(): Document {
    const { list, p, descending } = this.#of;
    const own = { $filter: { input: `$${list}`, cond: { $eq: ['$$this.p', { $literal: p }] } } };
    const values = { $map: { input: own, in: `$$this.${this.#field}` } };
    return { [descending ? '$max' : '$min']: values };
  }

  #having(is: Document): Document {
    const { list, p } = this.#of;
    const value = Object.keys(is).length > 0 && { [this.#field]: is };
    return { [list]: { $elemMatch: { p: { $eq: p }, ...value } } };
  }

  #none(is: Document): Document {
    return { $nor: [this.#having(is)] };
  }
}

function both(one: Document, other: Document): Document {
  return { $and: [one, other] };
}
