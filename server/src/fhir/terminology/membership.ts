import type {
  ValueSet,
  ValueSetComposeInclude,
  ValueSetComposeIncludeConcept,
  ValueSetExpansionContains,
} from 'fhir/r4.js';
import { FhirError } from '../errors.ts';
import type { CodeSystemView, Concept } from './code-system.ts';
import { passes } from './filter.ts';

export interface Asked {
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

export const DEEPEST_IMPORT = 16;
const OUT: Membership = { kind: 'out' };

/** Whether the value set has the code, judged by its definition; by its expansion where the definition cannot tell. */
export function membership(around: Around, set: ValueSet, asked: Asked, depth = 0): Membership {
  if (depth > DEEPEST_IMPORT)
    return { kind: 'unknown', reason: 'Value sets import each other too deeply' };
  const defined = set.compose && inCompose(around, set.compose, asked, depth);
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
  around: Around,
  compose: NonNullable<ValueSet['compose']>,
  asked: Asked,
  depth: number,
): Membership {
  const included = any(compose.include.map((part) => () => inPart(around, part, asked, depth)));
  if (included.kind !== 'in') return included;
  if (compose.inactive === false && included.inactive) return OUT;
  const known = { system: included.system, code: asked.code };
  const excluded = any(
    (compose.exclude ?? []).map((part) => () => inPart(around, part, known, depth)),
  );
  if (excluded.kind === 'in') return OUT;
  return excluded.kind === 'unknown' ? excluded : included;
}

function any(parts: readonly (() => Membership)[]): Membership {
  let result: Membership = OUT;
  for (const part of parts) {
    const one = part();
    if (one.kind === 'in') return one;
    if (one.kind === 'unknown') result = one;
  }
  return result;
}

function inPart(
  around: Around,
  part: ValueSetComposeInclude,
  asked: Asked,
  depth: number,
): Membership {
  if (part.system !== undefined && asked.system !== undefined && part.system !== asked.system) {
    return OUT;
  }
  const own =
    part.system === undefined ? undefined : inSystem(around, part, part.system, asked.code);
  if (own?.kind === 'out') return OUT;
  // R4 valueset.html#compositions: what is taken from several value sets is what all of them have.
  const known = { ...asked, system: part.system ?? asked.system };
  let found: Membership | undefined = own;
  for (const canonical of part.valueSet ?? []) {
    const set = around.valueSet(canonical);
    const one: Membership = set
      ? membership(around, set, known, depth + 1)
      : { kind: 'unknown', reason: `The value set ${canonical} is not known here` };
    if (one.kind === 'out') return OUT;
    if (found === undefined || one.kind === 'unknown') found = one;
  }
  return found ?? OUT;
}

function inSystem(
  around: Around,
  part: ValueSetComposeInclude,
  system: string,
  code: string,
): Membership {
  const view = around.codeSystem(system, part.version);
  if (part.concept !== undefined) {
    const listed = part.concept.find((concept) => concept.code === code);
    if (listed === undefined) return OUT;
    return inAs(system, listedAs(view, listed));
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
  try {
    const within = (part.filter ?? []).every((filter) => passes(view, filter)(concept));
    return within ? inAs(system, concept) : OUT;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { kind: 'unknown', reason: error.message };
  }
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

function inExpansion(contains: readonly ValueSetExpansionContains[], asked: Asked): Membership {
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
