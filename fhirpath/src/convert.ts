import { decimalOf, plain, printDecimal, toNumber } from './decimal.ts';
import { boolean, decimal, integer, ofTemporal, string } from './item.ts';
import type { System } from './item.ts';
import { printTemporal, temporalOf, timeOf } from './temporal.ts';

const TRUE = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0', '0.0']);
const QUANTITY =
  /^([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|((?:year|month|week|day|hour|minute|second|millisecond)s?))?$/;

/** http://hl7.org/fhirpath/N1/index.html#conversion: undefined where a value cannot be converted. */
export const CONVERSIONS: Readonly<Record<string, (value: System) => System | undefined>> = {
  Boolean: (value) => {
    if (value.type === 'Boolean') return value;
    const text = printed(value).toLowerCase();
    if (value.type !== 'String' && value.type !== 'Integer' && value.type !== 'Decimal') {
      return undefined;
    }
    if (TRUE.has(text)) return boolean(true);
    return FALSE.has(text) ? boolean(false) : undefined;
  },
  Integer: (value) => {
    if (value.type === 'Integer') return value;
    if (value.type === 'Boolean') return integer(value.system ? 1 : 0);
    if (value.type !== 'String' || !/^[+-]?\d+$/.test(value.system)) return undefined;
    return integer(BigInt(value.system));
  },
  Decimal: (value) => {
    if (value.type === 'Integer' || value.type === 'Decimal') return decimal(value.system);
    if (value.type === 'Boolean') return decimal({ digits: value.system ? 1n : 0n, places: 0 });
    if (value.type !== 'String' || !/^[+-]?\d+(\.\d+)?$/.test(value.system)) return undefined;
    const found = decimalOf(value.system);
    return found && decimal(found);
  },
  Date: (value) => {
    if (value.type === 'Date') return value;
    if (value.type === 'DateTime') {
      return ofTemporal({ kind: 'Date', parts: value.system.parts.slice(0, 3) });
    }
    const found = value.type === 'String' ? temporalOf(value.system) : undefined;
    return found && ofTemporal({ kind: 'Date', parts: found.parts.slice(0, 3) });
  },
  DateTime: (value) => {
    if (value.type === 'DateTime') return value;
    const found =
      value.type === 'Date'
        ? value.system
        : value.type === 'String'
          ? temporalOf(value.system)
          : undefined;
    return found && ofTemporal({ ...found, kind: 'DateTime' });
  },
  Time: (value) => {
    if (value.type === 'Time') return value;
    return value.type === 'String' ? ofTemporal(timeOf(value.system)) : undefined;
  },
  Quantity: (value) => {
    if (value.type === 'Quantity') return value;
    if (value.type === 'Integer' || value.type === 'Decimal') return quantity(value.system, '1');
    if (value.type === 'Boolean')
      return quantity({ digits: value.system ? 1n : 0n, places: 0 }, '1');
    if (value.type !== 'String') return undefined;
    const [, number = '', code, calendar] = QUANTITY.exec(value.system) ?? [];
    const amount = decimalOf(number);
    return amount && quantity(amount, code ?? calendar ?? '1');
  },
  String: (value) => string(printed(value)),
  Long: (value) => CONVERSIONS['Integer']?.(value),
};

function quantity(value: Parameters<typeof decimal>[0], unit: string): System {
  return { type: 'Quantity', system: { value, unit } };
}

const CALENDAR = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/;

/** A value as text. */
export function printed(value: System): string {
  switch (value.type) {
    case 'Boolean':
      return String(value.system);
    case 'String':
      return value.system;
    case 'Integer':
    case 'Decimal':
      return printDecimal(value.system);
    case 'Date':
    case 'DateTime':
    case 'Time':
      return printTemporal(value.system);
    case 'Quantity': {
      const { value: amount, unit } = value.system;
      return `${printDecimal(amount)} ${CALENDAR.test(unit) ? unit : `'${unit}'`}`;
    }
  }
}

/** Decimals as numbers of JavaScript, for functions that have no exact result. */
export function approximate(value: number): System | undefined {
  const found = Number.isFinite(value) ? decimalOf(String(value)) : undefined;
  return found && decimal(plain(found));
}

export function asNumber(value: System): number | undefined {
  return value.type === 'Integer' || value.type === 'Decimal' ? toNumber(value.system) : undefined;
}
