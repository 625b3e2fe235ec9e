import { Refusal } from './refusal.ts';

/**
 * Reads a value of unknown origin as a `T`. A path begins with the name that its reader gives the whole value; the
 * empty one stands for a file. Readers turn the Refusal into an error of their own. With `faults`, which `faultsOf`
 * gives, a shape made of others adds what is wrong with its parts there and goes on.
 *
 * @throws Refusal that names the place and never shows the value
 */
export type Shape<T> = (value: unknown, path: string, faults?: string[]) => T;

/** Returns every fault of a value, in the order of its shape; none when it is a `T`. */
export function faultsOf(shape: Shape<unknown>, value: unknown, path: string): readonly string[] {
  const faults: string[] = [];
  part(shape, value, path, faults);
  return faults;
}

function part<T>(shape: Shape<T>, value: unknown, path: string, faults?: string[]): T | undefined {
  if (faults === undefined) return shape(value, path);
  try {
    return shape(value, path, faults);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    faults.push(error.message);
    return undefined;
  }
}

function complain(message: string, faults: string[] | undefined): void {
  if (faults === undefined) throw new Refusal(message);
  faults.push(message);
}

function refuse(path: string, expected: string): never {
  throw new Refusal(`${path === '' ? 'the file' : path} must be ${expected}`);
}

export function text(pattern: RegExp, expected: string): Shape<string> {
  return (value, path) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(path, expected);
}

export const anyText: Shape<string> = text(/^/, 'a string');
export const hash: Shape<string> = text(/^[0-9a-f]{64}$/, '64 lower-case hex digits');

/** An integer that every JSON parser agrees on. */
export function integer(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
  expected = `an integer from ${min}`,
): Shape<number> {
  return (value, path) =>
    Number.isSafeInteger(value) &&
    (value as number) >= min &&
    (value as number) <= max &&
    !Object.is(value, -0)
      ? (value as number)
      : refuse(path, expected);
}

export const count: Shape<number> = integer(0);

export const flag: Shape<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false');

/** Base64 (RFC 4648 section 4) in the one way of writing it; kept as text. */
export const base64: Shape<string> = (value, path) =>
  typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value
    ? value
    : refuse(path, 'canonical base64');

export function literal<const T extends string | number>(wanted: T): Shape<T> {
  return (value, path) => (value === wanted ? wanted : refuse(path, JSON.stringify(wanted)));
}

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value, path) =>
    values.find((each) => each === value) ?? refuse(path, `one of ${values.join(', ')}`);
}

export function list<T>(item: Shape<T>, max: number, min = 0): Shape<T[]> {
  return (value, path, faults) => {
    if (!Array.isArray(value) || value.length > max || value.length < min) {
      return refuse(path, `an array of ${min === 0 ? 'at most' : `${min} to`} ${max} items`);
    }
    return Array.from(
      value as unknown[],
      (each, i) => part(item, each, `${path}[${i}]`, faults) as T,
    );
  };
}

/** An object whose member names are data. */
export function dictionary<T>(
  name: RegExp,
  item: Shape<T>,
  max: number,
): Shape<Readonly<Record<string, T>>> {
  return (value, path, faults) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(path, 'an object');
    }
    const entries = Object.entries(value);
    if (entries.length > max) refuse(path, `an object of at most ${max} members`);
    return Object.fromEntries(
      entries.map(([key, element]) => {
        if (!name.test(key)) refuse(path, 'an object with member names of the agreed form');
        return [key, part(item, element, `${path}.*`, faults) as T];
      }),
    );
  };
}

/** Matches what is clearly the name of a member and no value may be shown. */
const MEMBER_NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;

type Members<S> = { -readonly [K in keyof S]: S[K] extends Shape<infer T> ? T : never };

/** An object with exactly these members; those named `optional` may be absent. */
export function object<S extends Record<string, Shape<unknown>>>(required: S): Shape<Members<S>>;
export function object<
  S extends Record<string, Shape<unknown>>,
  O extends Record<string, Shape<unknown>>,
>(required: S, optional: O): Shape<Members<S> & Partial<Members<O>>>;
export function object(
  required: Record<string, Shape<unknown>>,
  optional: Record<string, Shape<unknown>> = {},
): Shape<object> {
  const known = new Map(Object.entries({ ...required, ...optional }));
  return (value, path, faults) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(path, 'an object');
    }
    const given = new Map(Object.entries(value));
    const prefix = path === '' ? '' : `${path}.`;
    for (const name of given.keys()) {
      if (known.has(name)) continue;
      const shown = MEMBER_NAME.test(name) ? `: ${name}` : '';
      complain(`${path || 'the file'} has an unknown member${shown}`, faults);
    }
    const result: [string, unknown][] = [];
    for (const [name, shape] of known) {
      const at = prefix + name;
      if (given.has(name)) result.push([name, part(shape, given.get(name), at, faults)]);
      else if (Object.hasOwn(required, name)) complain(`${at} must be present`, faults);
    }
    return Object.fromEntries(result);
  };
}

/** Shows what could be read of a `T`: a faulty part is undefined. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
    : T;

/** A shape whose parts must also agree with each other: the rule says in whole what does not. */
export function agreeing<T>(
  shape: Shape<T>,
  rule: (read: Draft<T>, path: string) => Iterable<string>,
): Shape<T> {
  return (value, path, faults) => {
    const read = shape(value, path, faults);
    for (const fault of rule(read as Draft<T>, path)) complain(fault, faults);
    return read;
  };
}
