import type { Issue } from '../errors.ts';
import { objectsOf } from '../rule.ts';
import { isObject } from './item.ts';
import type { Item } from './item.ts';
import type { Binding } from './profile-model.ts';

/** Tells whether a code belongs to a value set; `unknown` where that cannot be told here. */
export type Codes = (
  valueSet: string,
  code: { readonly system: string | undefined; readonly code: string },
) => 'in' | 'out' | 'unknown';

/**
 * http://hl7.org/fhir/R4/terminologies.html#strength
 *
 * @rule binding
 */
export function bindingIssue(
  item: Item,
  { strength, valueSet }: Binding,
  codes: Codes,
): { readonly severity: Issue['severity']; readonly text: string } | undefined {
  const found = membershipOf(item, valueSet, codes);
  if (found !== 'out') return undefined;
  return strength === 'required'
    ? { severity: 'error', text: `No code of the required value set ${valueSet}` }
    : { severity: 'warning', text: `No code of the extensible value set ${valueSet}` };
}

/** Undefined when there is nothing that could be a code. */
export function membershipOf(
  { type, value }: { readonly type: string; readonly value?: unknown },
  valueSet: string,
  codes: Codes,
): 'in' | 'out' | 'unknown' | undefined {
  if (typeof value === 'string') return codes(valueSet, { system: undefined, code: value });
  if (!isObject(value)) return undefined;
  const codings =
    type === 'CodeableConcept' ? objectsOf(value['coding']) : objectsOf(codingOf(type, value));
  const found = codings.map(({ system, code }) =>
    typeof code === 'string'
      ? codes(valueSet, { system: typeof system === 'string' ? system : undefined, code })
      : 'out',
  );
  if (found.length === 0) return type === 'Quantity' ? undefined : 'out';
  return found.find((one) => one === 'in') ?? found.find((one) => one === 'unknown') ?? 'out';
}

/** A Quantity's unit is bound by its system and code. */
function codingOf(type: string, value: object): unknown {
  if (type === 'Coding') return value;
  return type === 'Quantity' && 'code' in value ? value : undefined;
}
