import { belowOwn } from '../fhir/own-base.ts';
import { parseReference } from '../fhir/reference.ts';
import { objectsOf, type Json } from '../fhir/rule.ts';

/** Says where a Reference leads to whom a resource concerns. */
export type Clue = { readonly element: string } & (
  | { readonly kind: 'patient'; readonly id: string }
  /** A resource here that may concern somebody: `Type/id`. */
  | { readonly kind: 'resource'; readonly target: string }
  /** A patient by an identifier of the custodian. */
  | { readonly kind: 'identifier'; readonly system: string; readonly value: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unknown' }
  /** Something in the resource itself, whose own clues count. */
  | { readonly kind: 'inside'; readonly resource: Json }
);

export interface Reading {
  /** Our own base URL, without a trailing slash, and its aliases. */
  readonly bases: readonly [base: string, ...aliases: readonly string[]];
  /** Systems whose identifiers each name one patient of the custodian. */
  readonly identifierSystems: ReadonlySet<string>;
  readonly neverConcerns: (type: string) => boolean;
  readonly isType: (name: string) => boolean;
  /** Returns what is contained, or stands in the same Bundle, under this reference. */
  readonly inside: (reference: string) => Json | undefined;
}

/** Returns the clue that a Reference gives by what it says, whatever is stored. */
export function clueOf(value: object, element: string, reading: Reading): Clue {
  const { reference, identifier, type } = value as Json;
  if (typeof reference !== 'string') {
    return (
      identifierClue(identifier, element, reading) ??
      ofType(typeof type === 'string' ? type : undefined, element, reading)
    );
  }
  const found = reading.inside(reference);
  if (found !== undefined) return { element, kind: 'inside', resource: found };
  const own = belowOwn(reference, reading.bases) ?? reference;
  const parsed = parseReference(own, reading.bases[0]);
  if (parsed?.kind === 'local' && reading.isType(parsed.type)) {
    if (parsed.type === 'Patient') return { element, kind: 'patient', id: parsed.id };
    if (reading.neverConcerns(parsed.type)) return { element, kind: 'nobody' };
    return { element, kind: 'resource', target: `${parsed.type}/${parsed.id}` };
  }
  return (
    identifierClue(identifier, element, reading) ??
    ofType(parsed?.kind === 'absolute' ? parsed.type : undefined, element, reading)
  );
}

function ofType(type: string | undefined, element: string, reading: Reading): Clue {
  const isNobody = type !== undefined && reading.isType(type) && reading.neverConcerns(type);
  return { element, kind: isNobody ? 'nobody' : 'unknown' };
}

/** Returns the clue of an Identifier, if it is of the custodian's own. */
export function identifierClue(
  identifier: unknown,
  element: string,
  { identifierSystems }: Pick<Reading, 'identifierSystems'>,
): Clue | undefined {
  if (typeof identifier !== 'object' || identifier === null) return undefined;
  const { system, value } = identifier as Json;
  if (typeof system !== 'string' || typeof value !== 'string') return undefined;
  return identifierSystems.has(system) ? { element, kind: 'identifier', system, value } : undefined;
}

/** Identifiers of a Patient, as `system|value`, of the systems that each name one patient of the custodian. */
export function namingIdentifiers(
  resource: object,
  { identifierSystems }: Pick<Reading, 'identifierSystems'>,
): readonly string[] {
  const { resourceType, identifier } = resource as Json;
  if (resourceType !== 'Patient' || identifierSystems.size === 0) return [];
  return objectsOf(identifier).flatMap(({ system, value }) =>
    typeof system === 'string' && typeof value === 'string' && identifierSystems.has(system)
      ? [`${system}|${value}`]
      : [],
  );
}
