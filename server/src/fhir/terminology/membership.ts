import type {
  ValueSet,
  ValueSetComposeInclude,
  ValueSetComposeIncludeConcept,
  ValueSetExpansionContains,
} from 'fhir/r4.js';
import { FhirError } from '../errors.ts';
import type { CodeSystemView, Concept } from './code-system.ts';
import { passes, type Passes } from './filter.ts';

export interface CodeInSystem {
  readonly system?: string | undefined;
  readonly code: string;
}

/** `unknown`: it cannot be told here, because something that decides it is not present. */
export type Membership =
  | {
      readonly kind: 'in';
      readonly system: string;
      /** As the value set or the code system words it. */
      readonly display?: string;
      readonly abstract?: true;
      readonly inactive?: true;
    }
  | { readonly kind: 'out' }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface Around {
  readonly codeSystem: (url: string, version?: string) => CodeSystemView | undefined;
  readonly valueSet: (canonical: string) => ValueSet | undefined;
}

/** One question, and what it may still cost. */
export interface Task extends Around {
  /** Value sets that import each other. */
  readonly depth: number;
  readonly budget: { steps: number };
}

const DEEPEST_IMPORT = 16;
/** Parts of value sets that are looked at for one code each, and codes that are listed: well under a second. */
const MOST_STEPS = 1_000_000;
const OUT: Membership = { kind: 'out' };

export function newTask({ codeSystem, valueSet }: Around): Task {
  return { codeSystem, valueSet, depth: 0, budget: { steps: MOST_STEPS } };
}

/** @throws FhirError `unprocessable` when it takes too much */
export function spend({ budget }: Task, steps: number): void {
  budget.steps -= steps;
  if (budget.steps >= 0) return;
  const diagnostics = 'This value set takes too much to evaluate';
  throw new FhirError('unprocessable', diagnostics, {
    issues: [{ severity: 'error', code: 'too-costly', diagnostics }],
  });
}

/** @throws FhirError `unprocessable` */
export function deeper(task: Task): Task {
  if (task.depth >= DEEPEST_IMPORT) {
    throw new FhirError('unprocessable', 'Value sets import each other too deeply');
  }
  return { ...task, depth: task.depth + 1 };
}

/**
 * Tells whether the value set has the code, judged by its definition; by its expansion where the definition cannot tell.
 *
 * @throws FhirError `unprocessable` when it takes too much
 */
export function membership(task: Task, set: ValueSet, asked: CodeInSystem): Membership {
  const defined = set.compose && inCompose(task, set.compose, asked);
  if (defined !== undefined && defined.kind !== 'unknown') return defined;
  if (set.expansion?.contains !== undefined) return inExpansion(set.expansion.contains, asked);
  return (
    defined ?? {
      kind: 'unknown',
      reason: `The value set ${set.url ?? ''} says nothing of its content`,
    }
  );
}

function inCompose(
  task: Task,
  compose: NonNullable<ValueSet['compose']>,
  asked: CodeInSystem,
): Membership {
  let result: Membership = OUT;
  for (const part of compose.include) {
    const included = inPart(task, part, asked);
    if (included.kind === 'unknown') result = included;
    if (included.kind !== 'in') continue;
    if (compose.inactive === false && included.inactive) continue;
    const excluded = inAny(task, compose.exclude, { system: included.system, code: asked.code });
    if (excluded.kind === 'out') return included;
    if (excluded.kind === 'unknown') result = excluded;
  }
  return result;
}

/** Tells whether one of these parts of a value set has the code. */
export function inAny(
  task: Task,
  parts: readonly ValueSetComposeInclude[] = [],
  asked: CodeInSystem,
): Membership {
  let result: Membership = OUT;
  for (const part of parts) {
    const one = inPart(task, part, asked);
    if (one.kind === 'in') return one;
    if (one.kind === 'unknown') result = one;
  }
  return result;
}

function inPart(task: Task, part: ValueSetComposeInclude, asked: CodeInSystem): Membership {
  spend(task, 1);
  if (part.system !== undefined && asked.system !== undefined && part.system !== asked.system) {
    return OUT;
  }
  const own = part.system === undefined ? undefined : inSystem(task, part, part.system, asked.code);
  if (own?.kind === 'out') return OUT;
  // R4 valueset.html#compositions: what is taken from several value sets is what all of them have.
  const known = { ...asked, system: part.system ?? asked.system };
  let found: Membership | undefined = own;
  for (const canonical of part.valueSet ?? []) {
    const set = task.valueSet(canonical);
    const one: Membership = set
      ? membership(deeper(task), set, known)
      : { kind: 'unknown', reason: `The value set ${canonical} is not known here` };
    if (one.kind === 'out') return OUT;
    if (found === undefined || one.kind === 'unknown') found = one;
  }
  return found ?? OUT;
}

function inSystem(
  task: Task,
  part: ValueSetComposeInclude,
  system: string,
  code: string,
): Membership {
  const view = task.codeSystem(system, part.version);
  if (part.concept !== undefined) {
    const listed = listOf(part.concept).get(code);
    return listed === undefined ? OUT : inAs(system, listedAs(view, listed));
  }
  if (view === undefined) {
    const version = part.version === undefined ? '' : `|${part.version}`;
    return { kind: 'unknown', reason: `The code system ${system}${version} is not known here` };
  }
  const concept = view.find(code);
  if (concept === undefined) {
    if (view.known === 'whole') return OUT;
    return { kind: 'unknown', reason: `Not all codes of the code system ${system} are known here` };
  }
  const { filter: filters = [] } = part;
  spend(task, filters.length);
  const tests: Passes[] = [];
  try {
    for (const filter of filters) tests.push(passes(view, filter));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { kind: 'unknown', reason: error.message };
  }
  const within = tests.every((test) => test(concept, (steps) => spend(task, steps)));
  return within ? inAs(system, concept) : OUT;
}

const lists = new WeakMap<object, ReadonlyMap<string, ValueSetComposeIncludeConcept>>();

/** The concepts of a part by their codes, kept as long as the part is. */
function listOf(
  concepts: readonly ValueSetComposeIncludeConcept[],
): ReadonlyMap<string, ValueSetComposeIncludeConcept> {
  const known = lists.get(concepts);
  if (known !== undefined) return known;
  const made = new Map(concepts.map((concept) => [concept.code, concept]));
  lists.set(concepts, made);
  return made;
}

/** A concept as a value set lists it: its own words first. */
export function listedAs(
  view: CodeSystemView | undefined,
  { code, display, designation }: ValueSetComposeIncludeConcept,
): Concept {
  return {
    ...view?.find(code),
    code,
    ...(display === undefined ? {} : { display }),
    ...(designation === undefined ? {} : { designation }),
  };
}

function inAs(
  system: string,
  { display, abstract, inactive }: Pick<Concept, 'display' | 'abstract' | 'inactive'>,
): Membership {
  return {
    kind: 'in',
    system,
    ...(display === undefined ? {} : { display }),
    ...(abstract === undefined ? {} : { abstract }),
    ...(inactive === undefined ? {} : { inactive }),
  };
}

function inExpansion(
  contains: readonly ValueSetExpansionContains[],
  asked: CodeInSystem,
): Membership {
  for (const one of contains) {
    const { system, code, display } = one;
    if (
      system !== undefined &&
      code === asked.code &&
      (asked.system === undefined || asked.system === system)
    ) {
      return {
        kind: 'in',
        system,
        ...(display === undefined ? {} : { display }),
        ...(one.abstract === true ? { abstract: true as const } : {}),
        ...(one.inactive === true ? { inactive: true as const } : {}),
      };
    }
    const below = inExpansion(one.contains ?? [], asked);
    if (below.kind === 'in') return below;
  }
  return OUT;
}
