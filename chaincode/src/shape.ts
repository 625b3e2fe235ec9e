import { ContractError } from './errors.ts';

/** Checks that a parsed JSON value has exactly the shape of `T` and returns it. @throws ContractError `invalid-argument` */
export type Shape<T> = (value: unknown, path: string) => T;

type Shapes<T> = { readonly [Name in keyof T]-?: Shape<Exclude<T[Name], undefined>> };
type OptionalNames<T> = {
  [Name in keyof T]-?: undefined extends T[Name] ? Name : never;
}[keyof T];

function refuse(path: string, expected: string): never {
  throw new ContractError('invalid-argument', `${path} must be ${expected}`);
}

/** Every member of `members`, no other one; those named in `optional` may be absent, never null. */
export function object<T extends object>(
  members: Shapes<T>,
  optional: readonly OptionalNames<T>[] = [],
): Shape<T> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(path, 'an object');
    }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(members, name)) refuse(path, 'an object without unknown members');
    }
    for (const name of Object.keys(members) as (keyof T & string)[]) {
      if (Object.hasOwn(value, name)) members[name]((value as T)[name], `${path}.${name}`);
      else if (!(optional as readonly PropertyKey[]).includes(name)) {
        refuse(`${path}.${name}`, 'present');
      }
    }
    return value as T;
  };
}

export function list<T>(
  item: Shape<T>,
  limits: { min?: number; max: number },
): Shape<readonly T[]> {
  const { min = 0, max } = limits;
  return (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      return refuse(path, `a list of ${min} to ${max} items`);
    }
    return value.map((element, i) => item(element, `${path}[${i}]`));
  };
}

/** An object whose member names are data. */
export function dictionary<T>(
  name: RegExp,
  item: Shape<T>,
  max: number,
): Shape<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(path, 'an object');
    }
    const entries = Object.entries(value);
    if (entries.length > max) refuse(path, `an object of at most ${max} members`);
    for (const [key, element] of entries) {
      if (!name.test(key)) refuse(path, 'an object with member names of the agreed form');
      item(element, `${path}.*`);
    }
    return value as Readonly<Record<string, T>>;
  };
}

export function text(pattern: RegExp, expected: string): Shape<string> {
  return (value, path) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(path, expected);
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : refuse(path, `an integer from ${min}`);
}

export const flag: Shape<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false');

export function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value, path) =>
    values.includes(value as T) ? (value as T) : refuse(path, `one of ${values.join(', ')}`);
}
