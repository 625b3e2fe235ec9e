import { FhirPathFault } from './fault.ts';
import type { System } from './item.ts';

/** A function of one value and further values; undefined gives no item. */
export type ValueFunction = (
  value: System,
  parameters: readonly (System | undefined)[],
) => System | readonly System[] | undefined;

export function count(value: System | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.type === 'Integer') return Number(value.system.digits);
  throw new FhirPathFault(`A whole number is expected, not a ${value.type}`);
}
