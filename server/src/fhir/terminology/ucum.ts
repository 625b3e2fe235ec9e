import { createRequire } from 'node:module';

export const UCUM = 'http://unitsofmeasure.org';

/** A unit in terms of the base units of its dimension. */
export interface CanonicalUnit {
  /** Names the dimension: quantities can be compared when theirs are the same. */
  readonly dimension: string;
  /** To base units, with the 12 digits that two ways of computing agree in. */
  readonly convert: (value: number) => number;
}

interface UnitOfLibrary {
  readonly name_: string | null;
  readonly magnitude_: number;
  readonly dim_: { readonly dimVec_: readonly number[] | null } | null;
  readonly cnv_: string | null;
  readonly isArbitrary_: boolean;
  readonly moleExp_: number;
}

interface Library {
  readonly parse: (
    code: string,
  ) => readonly [unit: UnitOfLibrary | null, text: string | null, messages: readonly string[]];
  readonly kelvin: (code: string, value: number) => number | null;
}

const KEPT = 2_000;
const LONGEST = 64;
/** Special units whose scale is a straight line; those of logarithms and tangents stay as they are. */
const STRAIGHT = new Set(['Cel', 'degF', 'degRe']);

const require = createRequire(import.meta.url);
const known = new Map<string, CanonicalUnit | undefined>();
let library: Library | undefined;

/** undefined for what is no UCUM unit, and for units that cannot be compared with others: arbitrary and curved ones. */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  if (known.has(code)) return known.get(code);
  const found = lookUp(code);
  if (known.size >= KEPT) known.clear();
  known.set(code, found);
  return found;
}

/** Tells how a unit is called; undefined for what is no UCUM unit. */
export function unitName(code: string): string | undefined {
  const unit = unitOf(code);
  return unit === undefined ? undefined : (unit.name_ ?? code);
}

function unitOf(code: string): UnitOfLibrary | undefined {
  if (code.length > LONGEST || !/^[!-~]+$/.test(code)) return undefined;
  const [unit, text, messages] = parse((library ??= load()), code);
  // A message tells of a guess: what was meant is for the author of the unit to say.
  return unit && text === code && messages.length === 0 ? unit : undefined;
}

function lookUp(code: string): CanonicalUnit | undefined {
  const unit = unitOf(code);
  if (unit === undefined || unit.isArbitrary_) return undefined;
  const vector = unit.dim_?.dimVec_;
  if (!vector) return undefined;
  const dimension = [...vector, unit.moleExp_].join();
  if (unit.cnv_ === null) return { dimension, convert: (value) => digits(value * unit.magnitude_) };
  if (!STRAIGHT.has(unit.cnv_)) return undefined;
  const [zero, hundred] = [0, 100].map((value) => library?.kelvin(code, value));
  if (typeof zero !== 'number' || typeof hundred !== 'number') return undefined;
  const slope = digits((hundred - zero) / 100);
  return { dimension, convert: (value) => digits(value * slope + digits(zero)) };
}

/** Some texts that are no units make the library throw. */
function parse(ucum: Library, code: string): ReturnType<Library['parse']> {
  try {
    return ucum.parse(code);
  } catch {
    return [null, null, []];
  }
}

/**
 * Loaded when the first unit is met: it takes some megabytes. The parser is asked without the library's front, which
 * prints what it cannot parse.
 */
function load(): Library {
  const { UcumLhcUtils } = require('@lhncbc/ucum-lhc') as {
    readonly UcumLhcUtils: {
      readonly getInstance: () => {
        readonly convertUnitTo: (
          from: string,
          value: number,
          to: string,
        ) => { readonly toVal: number | null };
      };
    };
  };
  // Fills the tables that the parser looks in.
  const utilities = UcumLhcUtils.getInstance();
  const { UnitString } = require('@lhncbc/ucum-lhc/source-cjs/unitString.js') as {
    readonly UnitString: {
      readonly getInstance: () => {
        readonly parseString: (
          code: string,
          how: 'validate',
          suggest: boolean,
        ) => ReturnType<Library['parse']>;
      };
    };
  };
  const parser = UnitString.getInstance();
  return {
    parse: (code) => parser.parseString(code, 'validate', false),
    kelvin: (code, value) => utilities.convertUnitTo(code, value, 'K').toVal,
  };
}

function digits(value: number): number {
  return Number(value.toPrecision(12));
}
