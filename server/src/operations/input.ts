import type { Parameters, ParametersParameter } from 'fhir/r4.js';
import { FhirError } from '../fhir/errors.ts';
import { GENERAL_PARAMETERS, unknownParameter } from '../fhir/general-parameters.ts';
import { printable } from '../fhir/printable.ts';
import { accept } from '../interactions/change/accept.ts';
import type { Pairs } from '../interactions/search/search.ts';
import type { R4 } from '../r4/r4.ts';

/** Says how an operation was called: by URL, and by a Parameters resource when it was a POST. */
export interface Called {
  readonly pairs: Pairs;
  /** Exact bytes; absent: GET. */
  readonly body?: Uint8Array;
  /** Says what becomes of parameters that the operation has not; absent: strict. */
  readonly handling?: 'strict' | 'lenient';
}

type Primitive = 'string' | 'code' | 'uri' | 'boolean' | 'integer' | 'dateTime' | 'canonical';
type Complex = 'Coding' | 'CodeableConcept' | 'Meta';
/** By parameter, its type; `resource` is a resource of any type; `many` of them when it ends with `*`. */
export type Declared = Readonly<Record<string, `${Primitive | Complex | 'resource'}${'' | '*'}`>>;

/** The parameters of a call, in order, as they were given. */
export interface Input {
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean | undefined;
  readonly number: (name: string) => number | undefined;
  /** A complex value, or a resource: its type is the declared one. */
  readonly value: (name: string) => unknown;
  readonly has: (name: string) => boolean;
  /** Names what was passed over since the operation has no such parameter: by lenient handling only. */
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Reads what an operation was called with: http://hl7.org/fhir/R4/operations.html#request
 *
 * @throws FhirError that names the parameter, for one that is unknown, repeated, or of another type
 */
export function readInput(r4: R4, called: Called, declared: Declared): Input {
  const values = new Map<string, unknown[]>();
  const add = (name: string, value: unknown): void => {
    const list = values.get(name) ?? [];
    // The same once more, in the URL and in the body, says nothing else.
    if (list.includes(value)) return;
    if (list.length > 0 && !declared[name]?.endsWith('*')) {
      throw fault(name, `The parameter ${name} may be given once`);
    }
    values.set(name, [...list, value]);
  };
  const ignored = new Map<string, Input['ignored'][number]>();
  /** Undefined: it is passed over. */
  const typeOf = (name: string): string | undefined => {
    const type = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (type !== undefined) return type.replace('*', '');
    const unknown = unknownParameter(name);
    if (called.handling !== 'lenient') throw unknown;
    ignored.set(name, { name: printable(name), reason: unknown.message });
    return undefined;
  };
  for (const [name, text] of called.pairs) {
    if (GENERAL_PARAMETERS.has(name) || (name === '_summary' && text === 'false')) continue;
    const type = typeOf(name);
    if (type !== undefined) add(name, fromText(name, type, text));
  }
  for (const parameter of parametersOf(r4, called.body)) {
    const type = typeOf(parameter.name);
    if (type !== undefined) add(parameter.name, fromParameter(parameter, type));
  }
  const first = (name: string): unknown => values.get(name)?.[0];
  return {
    text: (name) => first(name) as string | undefined,
    texts: (name) => (values.get(name) ?? []) as string[],
    flag: (name) => first(name) as boolean | undefined,
    number: (name) => first(name) as number | undefined,
    value: first,
    has: (name) => values.has(name),
    ignored: [...ignored.values()],
  };
}

function parametersOf(r4: R4, body: Uint8Array | undefined): readonly ParametersParameter[] {
  if (body === undefined || body.length === 0) return [];
  return (accept(r4, 'Parameters', body).resource as Parameters).parameter ?? [];
}

function fromText(name: string, type: string, text: string): unknown {
  if (text === '') throw fault(name, `The parameter ${name} has no value`);
  switch (type) {
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw fault(name, `${name} is true or false`);
      return text === 'true';
    case 'integer':
      if (!/^-?\d{1,9}$/.test(text)) throw fault(name, `${name} is a whole number`);
      return Number(text);
    default:
      if (IN_BODY.has(type)) {
        throw fault(name, `The parameter ${name} can be given in the body of a POST only`);
      }
      return text;
  }
}

function fromParameter(parameter: ParametersParameter, type: string): unknown {
  const { name, resource } = parameter;
  if (type === 'resource') {
    if (resource === undefined) throw fault(name, `The parameter ${name} is a resource`);
    return resource;
  }
  const key = Object.keys(parameter).find((one) => one.startsWith('value'));
  const value = key === undefined ? undefined : (parameter as unknown as Json)[key];
  const wanted = `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  // Clients differ in which of the text types they send.
  const fits = key === wanted || (TEXTS.has(type) && typeof value === 'string');
  if (value === undefined || !fits) throw fault(name, `The parameter ${name} has a ${wanted}`);
  return value;
}

type Json = Readonly<Record<string, unknown>>;
const TEXTS: ReadonlySet<string> = new Set(['string', 'code', 'uri', 'canonical', 'dateTime']);

const IN_BODY: ReadonlySet<string> = new Set(['Coding', 'CodeableConcept', 'Meta', 'resource']);

/** Returns, of the parameters that an operation takes, those that can stand in a URL. */
export function takenInUrl(declared: Declared): readonly string[] {
  return Object.entries(declared)
    .filter(([, type]) => !IN_BODY.has(type.replace('*', '')))
    .map(([name]) => name);
}

function fault(name: string, message: string): FhirError {
  return new FhirError('invalid', message, { expression: `http.${name}` });
}
