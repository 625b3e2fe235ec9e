import type { Definitions } from '../definitions.ts';
import { parseReference } from '../reference.ts';

type Json = Readonly<Record<string, unknown>>;

/** Checks whether a value with a required binding takes its code from the value set; says what is wrong, or undefined. */
export function bindingFault(
  definitions: Definitions,
  valueSet: string,
  { type, value }: { readonly type: string; readonly value: unknown },
): string | undefined {
  const systems = definitions.valueSets.get(valueSet);
  if (!systems || value === null) return undefined;
  if (typeof value === 'string') {
    for (const codes of systems.values()) if (codes.has(value)) return undefined;
    return `The code is not in the required value set ${valueSet}`;
  }
  const codings = type === 'Coding' ? [value] : (value as Json)['coding'];
  if (type !== 'Coding' && type !== 'CodeableConcept') return undefined;
  const within = Array.isArray(codings) && codings.some((coding) => isWithin(systems, coding));
  return within ? undefined : `A coding of the required value set ${valueSet} is missing`;
}

function isWithin(systems: ReadonlyMap<string, ReadonlySet<string>>, coding: unknown): boolean {
  if (typeof coding !== 'object' || coding === null) return false;
  const { system, code } = coding as Json;
  return (
    typeof system === 'string' &&
    typeof code === 'string' &&
    systems.get(system)?.has(code) === true
  );
}

/** Checks whether a Reference points to one of the types its element allows, as far as its text or type tells. */
export function targetFault(targets: readonly string[], value: Json): string | undefined {
  const { reference, type } = value;
  const parsed = typeof reference === 'string' ? parseReference(reference) : undefined;
  const named = parsed?.kind === 'local' || parsed?.kind === 'conditional' ? parsed.type : type;
  if (typeof named !== 'string' || targets.includes(named)) return undefined;
  // Reference.type may be an absolute URI of a logical model.
  if (!/^[A-Z][A-Za-z]*$/.test(named)) return undefined;
  return `A reference to ${named} is not allowed here, only to ${targets.join(', ')}`;
}

/** Returns what is wrong with the literal of a Reference, or undefined. */
export function literalFault(
  reference: unknown,
  isType: (name: string) => boolean,
): string | undefined {
  if (typeof reference !== 'string') return undefined;
  const parsed = parseReference(reference);
  if (!parsed) return 'The reference is no URL';
  if (parsed.kind !== 'local' && parsed.kind !== 'conditional') return undefined;
  return isType(parsed.type) ? undefined : `R4 has no resource type ${parsed.type}`;
}
