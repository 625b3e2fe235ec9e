import { RE2JS } from 're2js';
import { compareSystem, inOneUnit } from './compare.ts';
import { approximate, asNumber, CONVERSIONS } from './convert.ts';
import { bound, compareDecimals, negate, round } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, decimal, integer, string } from './item.ts';
import type { System } from './item.ts';
import { precisionOf } from './temporal.ts';
import { encode, decode, escape, unescape } from './encodings.ts';
import { rounded, boundary } from './boundaries.ts';
import { count } from './value-function.ts';
import type { ValueFunction } from './value-function.ts';

function text(value: System | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.type === 'String') return value.system;
  throw new FhirPathFault(`A string is expected, not a ${value.type}`);
}

function onText(
  act: (own: string, ...others: readonly string[]) => System | readonly System[] | undefined,
): ValueFunction {
  return (value, parameters) => {
    const own = text(value) ?? '';
    const others = parameters.map(text);
    return others.every((one) => one !== undefined) ? act(own, ...others) : undefined;
  };
}

function onNumber(act: (value: number, other: number | undefined) => number): ValueFunction {
  return (value, [parameter]) => {
    const own = asNumber(value);
    if (own === undefined) throw new FhirPathFault(`A number is expected, not a ${value.type}`);
    return approximate(act(own, parameter && asNumber(parameter)));
  };
}

const MOST_PATTERNS = 500;

const patterns = new Map<string, RE2JS>();

/** Patterns come from anybody: this engine takes linear time whatever they are. */
function pattern(source: string, whole: boolean): RE2JS {
  const text = whole ? `^(?:${source})$` : source;
  const known = patterns.get(text);
  if (known) return known;
  try {
    const made = RE2JS.compile(text, RE2JS.DOTALL);
    if (patterns.size >= MOST_PATTERNS) patterns.clear();
    patterns.set(text, made);
    return made;
  } catch {
    throw new FhirPathFault('The regular expression cannot be used');
  }
}

const optional = (value: string | undefined): System | undefined =>
  value === undefined ? undefined : string(value);

const conversions = Object.entries(CONVERSIONS).flatMap(
  ([type, convert]): [string, ValueFunction][] => [
    [`to${type}`, (value) => convert(value)],
    [`convertsTo${type}`, (value) => boolean(convert(value) !== undefined)],
  ],
);

/** Functions whose result follows from values alone, by name. */
export const VALUE_FUNCTIONS: ReadonlyMap<string, ValueFunction> = new Map<string, ValueFunction>([
  ...conversions,
  ['toQuantity', (value, [unit]) => inUnit(value, text(unit))],
  ['indexOf', onText((own, part = '') => integer(own.indexOf(part)))],
  ['lastIndexOf', onText((own, part = '') => integer(own.lastIndexOf(part)))],
  [
    'substring',
    (value, [from, length]) => {
      const [own, start, most] = [text(value) ?? '', count(from), count(length)];
      if (start === undefined || start < 0 || start >= own.length) return undefined;
      return string(
        most === undefined ? own.slice(start) : own.slice(start, start + Math.max(0, most)),
      );
    },
  ],
  ['startsWith', onText((own, part = '') => boolean(own.startsWith(part)))],
  ['endsWith', onText((own, part = '') => boolean(own.endsWith(part)))],
  ['contains', onText((own, part = '') => boolean(own.includes(part)))],
  ['upper', onText((own) => string(own.toUpperCase()))],
  ['lower', onText((own) => string(own.toLowerCase()))],
  ['trim', onText((own) => string(own.trim()))],
  ['length', onText((own) => integer(own.length))],
  ['toChars', onText((own) => Array.from(own, string))],
  ['split', onText((own, by = '') => own.split(by).map(string))],
  ['replace', onText((own, part = '', by = '') => string(own.replaceAll(part, () => by)))],
  ['matches', onText((own, source = '') => boolean(pattern(source, false).matcher(own).find()))],
  ['matchesFull', onText((own, source = '') => boolean(pattern(source, true).matcher(own).find()))],
  [
    'replaceMatches',
    onText((own, source = '', by = '') =>
      string(source === '' ? own : pattern(source, false).matcher(own).replaceAll(by)),
    ),
  ],
  ['encode', onText((own, format = '') => optional(encode(own, format)))],
  ['decode', onText((own, format = '') => optional(decode(own, format)))],
  ['escape', onText((own, format = '') => optional(escape(own, format)))],
  ['unescape', onText((own, format = '') => optional(unescape(own, format)))],
  ['abs', absolute],
  ['ceiling', rounded(1)],
  ['floor', rounded(-1)],
  ['truncate', rounded(0)],
  ['exp', onNumber(Math.exp)],
  ['ln', onNumber(Math.log)],
  ['sqrt', onNumber(Math.sqrt)],
  [
    'log',
    onNumber((value, base = 10) => Number((Math.log(value) / Math.log(base)).toPrecision(15))),
  ],
  ['power', power],
  [
    'round',
    (value, [places]) => {
      if (value.type !== 'Integer' && value.type !== 'Decimal') {
        throw new FhirPathFault(`A number is expected, not a ${value.type}`);
      }
      const digits = count(places) ?? 0;
      if (digits < 0) throw new FhirPathFault('round() takes a number of places');
      return decimal(round(value.system, Math.min(digits, value.system.places)));
    },
  ],
  ['lowBoundary', boundary(-1)],
  ['highBoundary', boundary(1)],
  [
    'precision',
    (value) => {
      if (value.type === 'Decimal') return integer(value.system.places);
      if (value.type === 'Integer')
        return integer(String(value.system.digits).replace('-', '').length);
      if (value.type === 'Date' || value.type === 'DateTime' || value.type === 'Time') {
        return integer(precisionOf(value.system));
      }
      throw new FhirPathFault(`A ${value.type} has no precision`);
    },
  ],
  [
    'comparable',
    (value, [other]) => {
      if (other === undefined) return undefined;
      if (value.type === 'Quantity' && other.type === 'Quantity') {
        return boolean(inOneUnit(value.system, other.system) !== undefined);
      }
      return boolean(typeof compareSystem(value, other) === 'object');
    },
  ],
]);

/** `toQuantity('unit')` and its test. */
function inUnit(value: System, unit: string | undefined): System | undefined {
  const found = CONVERSIONS['Quantity']?.(value);
  if (unit === undefined || found?.type !== 'Quantity') return found;
  return found.system.unit === unit ? found : undefined;
}

function absolute(value: System): System | undefined {
  const turned = (system: Parameters<typeof bound>[0]) =>
    compareDecimals(system, { digits: 0n, places: 0 }) < 0 ? negate(system) : system;
  if (value.type === 'Integer') return integer(turned(value.system).digits);
  if (value.type === 'Decimal') return decimal(turned(value.system));
  if (value.type !== 'Quantity') throw new FhirPathFault(`A ${value.type} has no absolute value`);
  return { type: 'Quantity', system: { ...value.system, value: turned(value.system.value) } };
}

function power(value: System, [exponent]: readonly (System | undefined)[]): System | undefined {
  const [own, other] = [asNumber(value), exponent && asNumber(exponent)];
  if (own === undefined) throw new FhirPathFault(`A number is expected, not a ${value.type}`);
  if (other === undefined) return undefined;
  const found = own ** other;
  if (value.type === 'Integer' && exponent?.type === 'Integer' && Number.isInteger(found)) {
    return integer(found);
  }
  return approximate(found);
}
