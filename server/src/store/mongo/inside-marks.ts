import type { Document } from 'mongodb';
import { everything } from '../../search/query.ts';
import type { Filter } from '../../search/query.ts';
import { computed, isComputed } from './computed.ts';
import type { ComputedCriterion } from './computed.ts';

/**
 * Criteria on contained resources that an expression decides: of an element of an array no condition can ask that, so each is
 * computed for every contained resource before, into a field of it.
 */
export class InsideMarks {
  readonly #fields = new Map<string, { readonly name: string; readonly value: Document }>();

  /** The condition that a computed field stands for. */
  readonly mark = (filter: ComputedCriterion, type: string): Document => {
    const key = JSON.stringify([type, filter]);
    const name = this.#fields.get(key)?.name ?? `m${this.#fields.size}`;
    this.#fields.set(key, { name, value: computed(filter, type).holds('$$one.') });
    return { [name]: { $eq: true } };
  };

  /** Returns what computes them; nothing where there are none. */
  stages(): readonly Document[] {
    if (this.#fields.size === 0) return [];
    const marks = [...this.#fields.values()].map(({ name, value }) => [name, value] as const);
    const marked = { $mergeObjects: ['$$one', Object.fromEntries(marks)] };
    return [{ $set: { i: { $map: { input: { $ifNull: ['$i', []] }, as: 'one', in: marked } } } }];
  }
}

/** Returns what follows from a filter on resources and needs no marks. */
export function unmarked(filter: Filter): Filter {
  return relaxed(filter, false);
}

/** The same for a filter on contained ones. */
export function unmarkedInside(filter: Filter): Filter {
  return relaxed(filter, true);
}

function relaxed(filter: Filter, inside: boolean): Filter {
  if (!needsMarks(filter, inside)) return filter;
  switch (filter.op) {
    case 'and':
      return { op: 'and', all: filter.all.map((part) => relaxed(part, inside)) };
    case 'or':
      return { op: 'or', any: filter.any.map((part) => relaxed(part, inside)) };
    case 'inside':
      return { ...filter, filter: relaxed(filter.filter, true) };
    case 'near':
    case 'string':
      return { op: 'missing', param: filter.param, missing: false };
    default:
      return everything;
  }
}

function needsMarks(filter: Filter, inside: boolean): boolean {
  switch (filter.op) {
    case 'and':
      return filter.all.some((part) => needsMarks(part, inside));
    case 'or':
      return filter.any.some((part) => needsMarks(part, inside));
    case 'not':
      return needsMarks(filter.filter, inside);
    case 'inside':
      return needsMarks(filter.filter, true);
    case 'chain':
      return filter.contained !== undefined && needsMarks(filter.contained, inside);
    default:
      return inside && isComputed(filter);
  }
}
