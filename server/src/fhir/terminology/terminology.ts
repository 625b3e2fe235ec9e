import type { ConceptMap, ValueSet } from 'fhir/r4.js';
import { FhirError } from '../errors.ts';
import { viewOf, type CodeSystemView } from './code-system.ts';
import { expandSet, type Expansion, type ExpandOptions } from './expand.ts';
import { createGrammars } from './grammars.ts';
import {
  membership,
  newTask,
  type Around,
  type CodeInSystem,
  type Membership,
} from './membership.ts';
import { RecentlyUsed } from './recently-used.ts';
import { splitCanonical, type TerminologySource } from './source.ts';

/**
 * Code systems and value sets that are present, and what follows from them. What is not present is told as such:
 * nothing here guesses. Everything is synchronous; canonical references may carry `|version`.
 */
export interface Terminology {
  readonly valueSet: (canonical: string) => ValueSet | undefined;
  readonly codeSystem: (url: string, version?: string) => CodeSystemView | undefined;
  /** The code systems that are present, by URL; of each the versions, the usual one first. */
  readonly systems: () => ReadonlyMap<string, readonly string[]>;
  readonly conceptMap: (canonical: string) => ConceptMap | undefined;
  readonly conceptMaps: (from: string) => readonly ConceptMap[];
  /** Tells whether a code belongs to a value set. Without `system` any system of the value set will do. */
  readonly contains: (set: string | ValueSet, asked: CodeInSystem) => Membership;
  /**
   * @throws FhirError `not-found` for an unknown value set, `unprocessable` when its codes cannot be listed, or are
   * more than `limit`
   */
  readonly expand: (set: string | ValueSet, options?: ExpandOptions) => Expansion;
  /** The codes of a value set by code system. @throws like `expand` */
  readonly codes: (set: string) => ReadonlyMap<string, ReadonlySet<string>>;
  /** The same with more to draw on, asked last. */
  readonly with: (source: TerminologySource) => Terminology;
}

/** In concepts, about 0.5 KB each. */
const CONCEPTS_KEPT = 8_000;
const SETS_KEPT = 200;
const CODES_KEPT = 50_000;
const ANSWERS_KEPT = 10_000;

/** @param sources the first that has something is believed */
export function createTerminology(sources: readonly TerminologySource[]): Terminology {
  return over(sources, undefined, createGrammars());
}

function over(
  sources: readonly TerminologySource[],
  base: Terminology | undefined,
  grammars: ReturnType<typeof createGrammars>,
): Terminology {
  const views = new RecentlyUsed<CodeSystemView | undefined>(CONCEPTS_KEPT);
  const sets = new RecentlyUsed<ValueSet | undefined>(SETS_KEPT);
  const answers = new RecentlyUsed<Membership>(ANSWERS_KEPT);
  const expansions = new RecentlyUsed<ReadonlyMap<string, ReadonlySet<string>>>(CODES_KEPT);

  const codeSystem: Terminology['codeSystem'] = (url, version) =>
    grammars.get(url) ??
    base?.codeSystem(url, version) ??
    views.get(`${url}|${version ?? ''}`, () => {
      const resource = first(sources, (source) => source.codeSystem(url, version));
      const view = resource && viewOf(resource);
      return [view, 1 + (view?.all()?.length ?? 0)];
    });
  const valueSet: Terminology['valueSet'] = (canonical) =>
    base?.valueSet(canonical) ??
    sets.get(canonical, () => {
      const { url, version } = splitCanonical(canonical);
      return [first(sources, (source) => source.valueSet(url, version)), 1];
    });
  const around = { codeSystem, valueSet };
  const resolve = (set: string | ValueSet): ValueSet => {
    const found = typeof set === 'string' ? valueSet(set) : set;
    if (found === undefined) throw new FhirError('not-found', unknownSet(set));
    return found;
  };

  const self: Terminology = {
    valueSet,
    codeSystem,
    systems: () => {
      const found = new Map<string, readonly string[]>();
      const all = [...grammars.values(), ...sources.flatMap((source) => source.systems?.() ?? [])];
      for (const { url, version } of all) {
        const versions = new Set([...(found.get(url) ?? []), ...(version ? [version] : [])]);
        found.set(url, [...versions]);
      }
      return found;
    },
    conceptMap: (canonical) => {
      const { url, version } = splitCanonical(canonical);
      const own = first(sources, (source) => source.conceptMap?.(url, version));
      return base?.conceptMap(canonical) ?? own;
    },
    conceptMaps: (from) => [
      ...(base?.conceptMaps(from) ?? []),
      ...sources.flatMap((source) => source.conceptMaps?.(from) ?? []),
    ],
    contains: (set, asked) => {
      if (typeof set !== 'string') return membershipIn(around, set, asked);
      const key = `${set} ${asked.system ?? ''} ${asked.code}`;
      return answers.get(key, () => {
        const found = valueSet(set);
        if (found !== undefined) return [membershipIn(around, found, asked), 1];
        return [{ kind: 'unknown', reason: unknownSet(set) }, 1];
      });
    },
    expand: (set, options) => expandSet(around, resolve(set), options),
    codes: (set) =>
      expansions.get(set, () => {
        const { entries } = expandSet(around, resolve(set));
        return [bySystem(entries), 1 + entries.length];
      }),
    with: (source) => over([source], self, grammars),
  };
  return self;
}

/** Counts what takes too much to tell as unknown. */
function membershipIn(around: Around, set: ValueSet, asked: CodeInSystem): Membership {
  try {
    return membership(newTask(around), set, asked);
  } catch (error) {
    if (error instanceof FhirError) return { kind: 'unknown', reason: error.message };
    throw error;
  }
}

function bySystem(entries: Expansion['entries']): Map<string, Set<string>> {
  const codes = new Map<string, Set<string>>();
  for (const { system, code } of entries) {
    const known = codes.get(system);
    if (known === undefined) codes.set(system, new Set([code]));
    else known.add(code);
  }
  return codes;
}

function unknownSet(set: string | ValueSet): string {
  return `The value set ${typeof set === 'string' ? set : (set.url ?? '')} is not known here`;
}

function first<T>(
  sources: readonly TerminologySource[],
  ask: (source: TerminologySource) => T | undefined,
): T | undefined {
  for (const source of sources) {
    const found = ask(source);
    if (found !== undefined) return found;
  }
  return undefined;
}
