import { FhirError } from '../../fhir/errors.ts';
import { printable } from '../../fhir/printable.ts';
import { GENERAL_PARAMETERS, unknownParameter } from '../../fhir/general-parameters.ts';
import { memberNames } from '../../fhir/definitions.ts';
import type { Shape } from '../include.ts';
import type { Registry } from '../registry.ts';

/**
 * @returns `count` when only the number of matches is wanted, undefined when all is
 * @throws FhirError `invalid`
 * @rule _summary
 */
export function parseSummary(value: string): Shape | 'count' | undefined {
  switch (value) {
    case 'true':
    case 'text':
    case 'data':
      return { kind: 'summary', mode: value };
    case 'count':
      return 'count';
    case 'false':
      return undefined;
    default:
      throw bad('_summary', 'the value is true, text, data, count or false');
  }
}

/**
 * @throws FhirError `invalid` for what is an element of none of the types
 *
 * @rule _elements
 */
export function parseElements(types: readonly string[], value: string, registry: Registry): Shape {
  // R4 names elements by their base names; clients also send the name that one of a choice has in JSON.
  const known = new Set(
    types
      .flatMap((type) => registry.definitions.types.get(type)?.elements ?? [])
      .flatMap((element) => [element.name, ...memberNames(element)]),
  );
  const names = value.split(',').map((text) => {
    const name = text.trim().replace(/\[x\]$/, '');
    if (!known.has(name)) {
      const among = types.length > 1 ? ` and no other type that is searched` : '';
      throw bad('_elements', `${types[0] ?? 'nothing'}${among} has no element ${printable(name)}`);
    }
    return name;
  });
  return { kind: 'elements', names: [...new Set(names)] };
}

/**
 * The same for a read, which has no other parameters; how it is written was settled before.
 * @throws FhirError `invalid`, `not-supported` for other parameters unless they are to be passed over
 */
export function parseReadShape(
  types: readonly string[],
  pairs: Iterable<readonly [string, string]>,
  registry: Registry,
  handling: 'strict' | 'lenient' = 'strict',
): Shape | undefined {
  let shape: Shape | undefined;
  for (const [name, value] of pairs) {
    if (value === '') continue;
    if (name !== '_summary' && name !== '_elements') {
      if (handling === 'lenient' || GENERAL_PARAMETERS.has(name)) continue;
      throw unknownParameter(name);
    }
    const found = name === '_summary' ? parseSummary(value) : parseElements(types, value, registry);
    if (found === 'count') throw bad('_summary', 'count is for searches');
    if (shape !== undefined && found !== undefined) throw bad(name, 'more than one shape is given');
    shape = found ?? shape;
  }
  return shape;
}

function bad(name: string, what: string): FhirError {
  return new FhirError('invalid', `Parameter ${name}: ${what}`, { expression: `http.${name}` });
}
