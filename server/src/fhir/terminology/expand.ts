import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from 'fhir/r4.js';
import { FhirError } from '../errors.ts';
import type { Concept } from './code-system.ts';
import { passes } from './filter.ts';
import {
  deeper,
  inAny,
  listedAs,
  membership,
  newTask,
  spend,
  type Around,
  type Membership,
  type Task,
} from './membership.ts';

export interface ExpandOptions {
  /** Most codes; 10,000 unless given. */
  readonly limit?: number;
  readonly activeOnly?: boolean;
}

export interface ExpansionEntry extends Concept {
  readonly system: string;
}

export interface Expansion {
  readonly entries: readonly ExpansionEntry[];
  /** `system|version` of the code systems that were read. */
  readonly used: readonly string[];
}

const MOST = 10_000;

interface Walk extends Task {
  readonly used: Set<string>;
  readonly limit: number;
}

/**
 * All codes of a value set: those of its definition, or those of its expansion when they cannot be listed.
 *
 * @throws FhirError `unprocessable`
 */
export function expandSet(around: Around, set: ValueSet, options: ExpandOptions = {}): Expansion {
  const used = new Set<string>();
  const all = codesOf({ ...newTask(around), used, limit: options.limit ?? MOST }, set);
  const entries =
    options.activeOnly === true ? all.filter(({ inactive }) => inactive !== true) : all;
  return { entries, used: [...used] };
}

function codesOf(walk: Walk, set: ValueSet): readonly ExpansionEntry[] {
  const stated = set.expansion?.contains;
  if (set.compose === undefined) {
    if (stated !== undefined) return flat(stated);
    throw cannot(`The value set ${set.url ?? ''} says nothing of its content`);
  }
  try {
    return composed(walk, set, set.compose);
  } catch (error) {
    if (stated === undefined || !(error instanceof FhirError)) throw error;
    return flat(stated);
  }
}

function composed(
  walk: Walk,
  set: ValueSet,
  compose: NonNullable<ValueSet['compose']>,
): readonly ExpansionEntry[] {
  const found = new Map<string, ExpansionEntry>();
  for (const part of compose.include) {
    for (const entry of partOf(walk, part)) {
      if (compose.inactive === false && entry.inactive === true) continue;
      const key = `${entry.system}|${entry.code}`;
      if (found.has(key) || isIn(inAny(walk, compose.exclude, entry))) continue;
      found.set(key, entry);
      if (found.size > walk.limit) throw tooMany(set, walk.limit);
    }
  }
  return [...found.values()];
}

function partOf(walk: Walk, part: ValueSetComposeInclude): readonly ExpansionEntry[] {
  const own = part.system === undefined ? undefined : ofSystem(walk, part, part.system);
  const [first, ...others] = part.valueSet ?? [];
  if (first === undefined) return own ?? [];
  const inner = { ...walk, ...deeper(walk) };
  const resolve = (canonical: string): ValueSet => {
    const set = walk.valueSet(canonical);
    if (set === undefined) throw cannot(`The value set ${canonical} is not known here`);
    return set;
  };
  const start = own ?? codesOf(inner, resolve(first));
  const within = (own === undefined ? others : [first, ...others]).map(resolve);
  return start.filter((entry) => within.every((set) => isIn(membership(inner, set, entry))));
}

/** @throws FhirError when it cannot be told */
function isIn(found: Membership): boolean {
  if (found.kind === 'unknown') throw cannot(found.reason);
  return found.kind === 'in';
}

function ofSystem(
  walk: Walk,
  part: ValueSetComposeInclude,
  system: string,
): readonly ExpansionEntry[] {
  const view = walk.codeSystem(system, part.version);
  if (view?.version !== undefined) walk.used.add(`${system}|${view.version}`);
  if (part.concept !== undefined) {
    spend(walk, part.concept.length);
    return part.concept.map((listed) => ({ ...listedAs(view, listed), system }));
  }
  if (view === undefined) {
    const version = part.version === undefined ? '' : `|${part.version}`;
    throw cannot(`The code system ${system}${version} is not known here`);
  }
  const all = view.all();
  if (all === undefined) throw cannot(`The codes of ${system} cannot be listed`);
  if (view.known === 'part' && part.filter !== undefined) {
    throw cannot(`Not all codes of the code system ${system} are known here`);
  }
  spend(walk, all.length * (1 + (part.filter?.length ?? 0)));
  const tests = (part.filter ?? []).map((filter) => passes(view, filter));
  const charge = (steps: number): void => spend(walk, steps);
  return all
    .filter((one) => tests.every((test) => test(one, charge)))
    .map((one) => ({ ...one, system }));
}

function flat(contains: readonly ValueSetExpansionContains[]): ExpansionEntry[] {
  return contains.flatMap((one) => {
    const { system, code, display, designation } = one;
    const self: ExpansionEntry[] =
      system === undefined || code === undefined
        ? []
        : [
            {
              system,
              code,
              ...(display === undefined ? {} : { display }),
              ...(designation === undefined ? {} : { designation }),
              ...(one.abstract === true ? { abstract: true as const } : {}),
              ...(one.inactive === true ? { inactive: true as const } : {}),
            },
          ];
    return [...self, ...flat(one.contains ?? [])];
  });
}

function cannot(reason: string): FhirError {
  return new FhirError('unprocessable', reason, {
    issues: [{ severity: 'error', code: 'not-found', diagnostics: reason }],
  });
}

function tooMany(set: ValueSet, limit: number): FhirError {
  const diagnostics = `The value set ${set.url ?? ''} has more than ${limit} codes`;
  return new FhirError('unprocessable', diagnostics, {
    issues: [{ severity: 'error', code: 'too-costly', diagnostics }],
  });
}
