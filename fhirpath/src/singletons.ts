import { NONE } from './scope.ts';
import type { Items } from './scope.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, toSystem } from './item.ts';
import type { Item, System } from './item.ts';

/** The one item of an operand; undefined when it is empty. @throws FhirPathFault for several */
export function single(items: Items): Item | undefined {
  if (items.length > 1) throw new FhirPathFault('A single item is expected, not several');
  return items[0];
}

export function singleSystem(items: Items): System | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = toSystem(item);
  if (value === undefined && item.value !== undefined) {
    throw new FhirPathFault(`A ${item.type} is no single value`);
  }
  return value;
}

/** A single item that is no boolean counts as true: http://hl7.org/fhirpath/N1/index.html#singleton-evaluation-of-collections */
export function truth(items: Items): boolean | undefined {
  const item = single(items);
  if (item === undefined) return undefined;
  const value = toSystem(item);
  return value?.type === 'Boolean' ? value.system : true;
}

export function ofTruth(value: boolean | undefined): Items {
  return value === undefined ? NONE : [boolean(value)];
}
