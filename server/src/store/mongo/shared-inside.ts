import type { Contents, Filter, Inside, TypedFilter } from '../../search/query.ts';

/** Types whose resources must contain the same; without `inside`: a single type of which that is not known. */
export interface Branch {
  readonly inside?: Inside;
  readonly parts: readonly TypedFilter[];
}

export function sameContents(a: Contents, b: Contents): boolean {
  return a.type === b.type && a.filter === b.filter;
}

/** The types of a search, gathered by what their resources must contain, so that it is asked once and not of each type. */
export function branches(parts: readonly TypedFilter[]): readonly Branch[] {
  const shared: { readonly inside: Inside; readonly parts: TypedFilter[] }[] = [];
  const alone: Branch[] = [];
  for (const part of parts) {
    const all = conjuncts(part.filter);
    const inside = all.find((one) => one.op === 'inside');
    if (inside === undefined) {
      alone.push({ parts: [part] });
      continue;
    }
    const rest: Filter = { op: 'and', all: all.filter((one) => one !== inside) };
    const known = shared.find((one) => sameContents(one.inside, inside));
    if (known) known.parts.push({ type: part.type, filter: rest });
    else shared.push({ inside, parts: [{ type: part.type, filter: rest }] });
  }
  return [...alone, ...shared];
}

function conjuncts(filter: Filter): readonly Filter[] {
  return filter.op === 'and' ? filter.all.flatMap(conjuncts) : [filter];
}
