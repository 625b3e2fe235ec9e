import type { Corpus, Held } from './corpus.ts';
import { text } from './official.ts';
import { parametersOf } from './parameters.ts';
import type { Parameter } from './parameters.ts';

/** One `_include` (`to`) or `_revinclude` (`from`): https://hl7.org/fhir/R4/search.html#include */
export interface IncludeAsked {
  readonly direction: 'to' | 'from';
  readonly iterate: boolean;
  /** Absent: any, and any parameter. */
  readonly source?: string;
  /** Absent: all of the source. */
  readonly param?: string;
  readonly target?: string;
}

/** A reference by a parameter from one resource to another that is here. */
export interface Way {
  readonly from: Held;
  readonly parameter: Parameter;
  readonly to: Held;
  /** Whether the parameter is said to refer to such resources; whether others are followed is the server's choice. */
  readonly stated: boolean;
}

/** Every way there is, from each resource and to each. */
export class Ways {
  readonly all: readonly Way[];
  readonly #from: ReadonlyMap<Held, readonly Way[]>;
  readonly #to: ReadonlyMap<Held, readonly Way[]>;

  constructor(corpus: Corpus) {
    const byPath = new Map(corpus.all.map((held) => [pathOf(held), held]));
    const definitions = Map.groupBy(
      corpus.all.filter(({ type }) => parametersOf(type).get('url')?.type === 'uri'),
      ({ resource }) => text(resource['url']),
    );
    this.all = corpus.all.flatMap((from) =>
      [...parametersOf(from.type).values()]
        .filter(({ type }) => type === 'reference')
        .flatMap((parameter) => [
          ...corpus.targets(from, parameter).flatMap((target): Way[] => {
            const to = byPath.get(target);
            if (to === undefined) return [];
            return [{ from, parameter, to, stated: parameter.targets.includes(to.type) }];
          }),
          ...canonicalWays({ corpus, definitions }, from, parameter),
        ]),
    );
    this.#from = Map.groupBy(this.all, ({ from }) => from);
    this.#to = Map.groupBy(this.all, ({ to }) => to);
  }

  from(held: Held): readonly Way[] {
    return this.#from.get(held) ?? [];
  }

  to(held: Held): readonly Way[] {
    return this.#to.get(held) ?? [];
  }
}

/** From canonical URLs to the definitions of these URLs; of their version, where one is named. */
function canonicalWays(
  by: {
    readonly corpus: Corpus;
    readonly definitions: ReadonlyMap<string | undefined, readonly Held[]>;
  },
  from: Held,
  parameter: Parameter,
): readonly Way[] {
  const elements = by.corpus.elements(from, parameter);
  const named = elements.flatMap(({ type, value }) =>
    typeof value === 'string' && (type === 'canonical' || type === 'uri')
      ? [{ type, name: value.split('#')[0] ?? '' }]
      : [],
  );
  return named.flatMap(({ type, name }) => {
    const [url = '', version] = name.split('|');
    // One URL with a version and without: which of them are meant is not clear.
    const alone = version !== undefined || !named.some((each) => each.name.startsWith(`${url}|`));
    return (by.definitions.get(url) ?? [])
      .filter(({ resource }) => version === undefined || sameText(version, resource['version']))
      .map((to): Way => ({
        from,
        parameter,
        to,
        stated: alone && type === 'canonical' && parameter.targets.includes(to.type),
      }));
  });
}

function sameText(a: string, b: unknown): boolean {
  return typeof b === 'string' && a.toLowerCase() === b.toLowerCase();
}

/** What must go along with these matches, and what may; never a match itself. */
export function included(
  ways: Ways,
  matches: readonly Held[],
  asked: readonly IncludeAsked[],
): { readonly must: ReadonlySet<string>; readonly may: ReadonlySet<string> } {
  return {
    must: closure(ways, matches, { asked, all: false }),
    may: closure(ways, matches, { asked, all: true }),
  };
}

function closure(
  ways: Ways,
  matches: readonly Held[],
  { asked, all }: { readonly asked: readonly IncludeAsked[]; readonly all: boolean },
): ReadonlySet<string> {
  const known = new Set(matches);
  // Each is looked at once: as a match by all that is asked, otherwise by what iterates.
  for (const held of known) {
    const isMatch = matches.includes(held);
    for (const include of asked) {
      if (!isMatch && !include.iterate) continue;
      for (const way of include.direction === 'to' ? ways.from(held) : ways.to(held)) {
        if ((all || way.stated) && leads(way, include))
          known.add(include.direction === 'to' ? way.to : way.from);
      }
    }
  }
  return new Set([...known].slice(matches.length).map(pathOf));
}

function leads({ from, parameter, to }: Way, { source, param, target }: IncludeAsked): boolean {
  return (
    (source === undefined || source === from.type) &&
    (param === undefined || param === parameter.code) &&
    (target === undefined || target === to.type)
  );
}

export function pathOf({ type, id }: Pick<Held, 'type' | 'id'>): string {
  return `${type}/${id}`;
}
