import { bad } from '../refusals.ts';

/** Says what `_contained` and `_containedType` ask for: https://hl7.org/fhir/R4/search.html#contained */
export interface ContainedAsked {
  /** Tells whether resources that are not contained are searched, too. */
  readonly own: boolean;
  readonly show: 'container' | 'contained';
}

const WHERE: Readonly<Record<string, boolean | undefined>> = { true: false, both: true };

/** Tells whether a parameter says where to search. */
export function isWhere(name: string): boolean {
  return name === '_contained' || name === '_containedType';
}

/**
 * @returns undefined when contained resources are not to be searched
 * @throws FhirError `invalid`, naming the parameter
 * @rule _contained, _containedType
 */
export function containedAsked(
  pairs: Iterable<readonly [string, string]>,
): ContainedAsked | undefined {
  const given = [...pairs];
  const where = only('_contained', given, ['true', 'false', 'both']);
  const show = only('_containedType', given, ['container', 'contained']);
  const own = WHERE[where ?? 'false'];
  return own === undefined ? undefined : { own, show: show ?? 'container' };
}

function only<Value extends string>(
  name: string,
  given: readonly (readonly [string, string])[],
  values: readonly Value[],
): Value | undefined {
  const [text, ...more] = given.filter(([other, value]) => other === name && value !== '');
  if (text === undefined) return undefined;
  const found = values.find((value) => value === text[1]);
  if (more.length > 0 || found === undefined) {
    const what = more.length > 0 ? 'it is given twice' : `the value is ${values.join(' or ')}`;
    throw bad(name, what);
  }
  return found;
}
