import fc from 'fast-check';
import type { Filter, IndexEntry } from '../../src/search/query.ts';
import type { VersionWrite } from '../../src/store/version-store.ts';

/** Resources of two types that refer to each other and themselves; `A` and `B` stand for their names. */
export interface LinkedResource {
  readonly kind: 'A' | 'B';
  readonly id: string;
  readonly code: string;
  readonly patients: readonly string[];
  readonly links: readonly { readonly param: string; readonly target: string }[];
  readonly deleted: boolean;
}

const kind = fc.constantFrom('A' as const, 'B' as const);
const id = fc.constantFrom('1', '2', '3', 'x');
const param = fc.constantFrom('link', 'other');
const code = fc.constantFrom('c', 'd', 'e');
const patients = ['p1', 'p2'];

const target = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(kind, id).map((parts) => parts.join('/')) },
  // Not ours, although they look nearly so.
  fc.constantFrom('http://other/A/1', 'AA/1', 'A/1/x', 'A/', '1', 'a/1', 'A/1\u0000'),
);

export const linkedResources: fc.Arbitrary<readonly LinkedResource[]> = fc.uniqueArray(
  fc.record({
    kind,
    id,
    code,
    patients: fc.subarray(patients),
    links: fc.array(fc.record({ param, target }), { maxLength: 4 }),
    deleted: fc.boolean(),
  }),
  { maxLength: 8, selector: (resource) => `${resource.kind}/${resource.id}` },
);

const criterion: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constant('token'), param: fc.constant('code'), code }),
  fc.record({ op: fc.constant('id'), ids: fc.array(id, { maxLength: 2 }) }),
  fc.record({ op: fc.constant('missing'), param, missing: fc.boolean() }),
  fc.constant<Filter>({ op: 'and', all: [] }),
);

const within: fc.Arbitrary<Filter> = fc.oneof(
  fc.constant<Filter>({ op: 'and', all: [] }),
  fc.record({
    op: fc.constant('patients'),
    mode: fc.constantFrom('in', 'not-in'),
    patients: fc.subarray(patients),
  }),
);

export const linkedFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => {
  const inner = tie('filter');
  return {
    filter: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      criterion,
      fc.record(
        { op: fc.constant('chain'), param, type: kind, filter: inner, within, contained: inner },
        { requiredKeys: ['op', 'param', 'type', 'filter', 'within'] },
      ),
      fc.record({ op: fc.constant('referenced'), param, type: kind, filter: inner, within }),
      fc.record({
        op: fc.constant('hierarchy'),
        param,
        type: kind,
        id,
        parent: param,
        direction: fc.constantFrom('below', 'above'),
        within,
      }),
      fc.record({ op: fc.constant('and'), all: fc.array(inner, { maxLength: 2 }) }),
      fc.record({ op: fc.constant('or'), any: fc.array(inner, { maxLength: 2 }) }),
      fc.record({ op: fc.constant('not'), filter: inner }),
    ),
  };
}).filter;

export type Names = Readonly<Record<'A' | 'B', string>>;

/** The filter with the real names of the types. */
export function named(filter: Filter, names: Names): Filter {
  switch (filter.op) {
    case 'and':
      return { ...filter, all: filter.all.map((part) => named(part, names)) };
    case 'or':
      return { ...filter, any: filter.any.map((part) => named(part, names)) };
    case 'not':
      return { ...filter, filter: named(filter.filter, names) };
    case 'chain': {
      const { contained, ...chain } = filter;
      return {
        ...chain,
        type: names[filter.type as 'A' | 'B'],
        filter: named(filter.filter, names),
        ...(contained && { contained: named(contained, names) }),
      };
    }
    case 'referenced': {
      const type = names[filter.type as 'A' | 'B'];
      return { ...filter, type, filter: named(filter.filter, names) };
    }
    case 'hierarchy':
      return { ...filter, type: names[filter.type as 'A' | 'B'] };
    default:
      return filter;
  }
}

export function versionFields(
  resource: LinkedResource,
  names: Names,
): Pick<VersionWrite, 'type' | 'id' | 'patients' | 'index'> {
  const links = resource.links.map((link): IndexEntry => ({
    kind: 'reference',
    param: link.param,
    target: link.target.replace(/^[AB](?=\/)/, (name) => names[name as 'A' | 'B']),
  }));
  return {
    type: names[resource.kind],
    id: resource.id,
    patients: resource.patients,
    index: [{ kind: 'token', param: 'code', system: null, code: resource.code }, ...links],
  };
}
