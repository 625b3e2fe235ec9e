import { bound, cut } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { decimal, integer } from './item.ts';
import { boundTemporal } from './temporal-arithmetic.ts';
import { count } from './value-function.ts';
import type { ValueFunction } from './value-function.ts';

const MOST_DIGITS = 31;

export function rounded(direction: -1 | 0 | 1): ValueFunction {
  return (value) => {
    if (value.type !== 'Integer' && value.type !== 'Decimal') {
      throw new FhirPathFault(`A number is expected, not a ${value.type}`);
    }
    return integer(cut(value.system, 0, direction).digits);
  };
}

export function boundary(direction: -1 | 1): ValueFunction {
  return (value, [parameter]) => {
    const digits = count(parameter);
    switch (value.type) {
      case 'Integer':
      case 'Decimal': {
        const found = numberBound(value.system, direction, digits);
        return found && decimal(found);
      }
      case 'Quantity': {
        const found = numberBound(value.system.value, direction, digits);
        return found && { type: 'Quantity', system: { ...value.system, value: found } };
      }
      case 'Date':
      case 'DateTime':
      case 'Time': {
        const found = boundTemporal(value.system, direction, digits);
        return found && { type: value.type, system: found };
      }
      default:
        throw new FhirPathFault(`A ${value.type} has no boundaries`);
    }
  };
}

function numberBound(
  value: Parameters<typeof bound>[0],
  direction: -1 | 1,
  digits = 8,
): Parameters<typeof bound>[0] | undefined {
  if (digits < 0 || digits > MOST_DIGITS) return undefined;
  return cut(bound(value, direction), digits, direction);
}
