import { isWhole } from './element-path.ts';
import type { ElementPath } from './element-path.ts';
import type { Json } from './json.ts';
import type { SearchParameter } from '../registry.ts';

/** Members of a resource with one of which the paths can lead somewhere; undefined: they always may. */
type Roots = readonly string[] | undefined;

const KNOWN = new WeakMap<SearchParameter, { readonly roots: Roots }>();

/** Tells whether anything stands in the resource that the parameter could be about: of most parameters nothing does. */
export function mayHaveValue(parameter: SearchParameter, resource: Json): boolean {
  let known = KNOWN.get(parameter);
  if (!known) KNOWN.set(parameter, (known = { roots: rootsOf(parameter) }));
  const { roots } = known;
  if (!roots) return true;
  for (const root of roots) if (resource[root] !== undefined) return true;
  return false;
}

function rootsOf({ paths, composite }: SearchParameter): Roots {
  if (!composite) return starts(paths);
  // Every part of a composite has a value, the first one too; where it stands is where all of them do.
  return together(
    composite.groups.map(({ at, parts: [first] }) =>
      isWhole(at) ? starts(first?.paths ?? []) : starts([at]),
    ),
  );
}

function starts(paths: readonly ElementPath[]): Roots {
  return together(
    paths.map(({ steps: [first], truth, evaluated }) => {
      // An expression may look at what stands beside a primitive, too.
      if (evaluated) return starts(evaluated.shapes)?.flatMap((name) => [name, `_${name}`]);
      return first && !truth ? first.properties.map(({ name }) => name) : undefined;
    }),
  );
}

function together(all: readonly Roots[]): Roots {
  return all.includes(undefined) ? undefined : [...new Set(all.flatMap((roots) => roots ?? []))];
}
