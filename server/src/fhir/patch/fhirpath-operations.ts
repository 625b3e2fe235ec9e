import type { TypeModels } from '../type-model.ts';
import { arrayOf } from './element.ts';
import { member, stringOf, type JsonEntry, type JsonNode, type JsonObject } from './json-tree.ts';
import { compilePath, PathFault, type Path } from './locate.ts';
import { malformed } from './patch-fault.ts';

/** One operation of http://hl7.org/fhir/R4/fhirpatch.html */
export type FhirPathOperation =
  | {
      readonly type: 'add';
      readonly path: Path;
      readonly name: string;
      readonly value: PatchValue;
    }
  | {
      readonly type: 'insert';
      readonly path: Path;
      readonly index: number;
      readonly value: PatchValue;
    }
  | { readonly type: 'delete'; readonly path: Path }
  | { readonly type: 'replace'; readonly path: Path; readonly value: PatchValue }
  | {
      readonly type: 'move';
      readonly path: Path;
      readonly source: number;
      readonly destination: number;
    };

/** A value of a patch: of a data type, a whole resource, or put together from parts where R4 has no data type for it. */
export type PatchValue =
  | {
      readonly kind: 'typed';
      readonly type: string;
      readonly node: JsonNode | undefined;
      /** Id and extensions of a primitive. */
      readonly twin: JsonNode | undefined;
    }
  | { readonly kind: 'resource'; readonly node: JsonNode }
  | { readonly kind: 'parts'; readonly parts: readonly NamedValue[] };

export interface NamedValue {
  readonly name: string;
  readonly value: PatchValue;
}

/** The parts each operation has, all of them required. */
const PARTS = {
  add: ['path', 'name', 'value'],
  insert: ['path', 'index', 'value'],
  delete: ['path'],
  replace: ['path', 'value'],
  move: ['path', 'source', 'destination'],
} as const;

const MOST_OPERATIONS = 1000;

/**
 * The operations in a Parameters resource that is valid by the R4 definitions.
 *
 * @throws FhirError `structure` naming the operation, counted from 0
 */
export function readFhirPathPatch(
  models: TypeModels,
  parameters: JsonObject,
): readonly FhirPathOperation[] {
  const entries = arrayOf(member(parameters, 'parameter')?.value)?.entries ?? [];
  if (entries.length > MOST_OPERATIONS) {
    throw malformed(MOST_OPERATIONS, `a patch has at most ${MOST_OPERATIONS} operations`);
  }
  return entries.map((entry, index) => new OperationReader(models, index).read(entry));
}

class OperationReader {
  readonly #models: TypeModels;
  readonly #index: number;

  constructor(models: TypeModels, index: number) {
    this.#models = models;
    this.#index = index;
  }

  read({ value }: JsonEntry): FhirPathOperation {
    if (value.kind !== 'object' || nameOf(value) !== 'operation') {
      throw this.#fault('the parameter must be named "operation"');
    }
    const parts = new Map<string, PatchValue>();
    for (const part of this.#parts(value)) {
      if (parts.has(part.name))
        throw this.#fault(`the part ${JSON.stringify(part.name)} is repeated`);
      parts.set(part.name, part.value);
    }
    const type = text(parts.get('type'));
    if (type === undefined || !Object.hasOwn(PARTS, type)) {
      throw this.#fault(`type must be one of ${Object.keys(PARTS).join(', ')}`);
    }
    const known = PARTS[type as keyof typeof PARTS] as readonly string[];
    const foreign = [...parts.keys()].find((name) => name !== 'type' && !known.includes(name));
    if (foreign !== undefined) {
      throw this.#fault(`"${type}" has no part ${JSON.stringify(foreign.slice(0, 64))}`);
    }
    return this.#operation(type as keyof typeof PARTS, parts);
  }

  #operation(type: keyof typeof PARTS, parts: ReadonlyMap<string, PatchValue>): FhirPathOperation {
    const path = this.#path(parts);
    switch (type) {
      case 'add':
        return { type, path, name: this.#text(parts, 'name'), value: this.#value(parts) };
      case 'insert':
        return { type, path, index: this.#number(parts, 'index'), value: this.#value(parts) };
      case 'delete':
        return { type, path };
      case 'replace':
        return { type, path, value: this.#value(parts) };
      case 'move': {
        const source = this.#number(parts, 'source');
        return { type, path, source, destination: this.#number(parts, 'destination') };
      }
    }
  }

  #path(parts: ReadonlyMap<string, PatchValue>): Path {
    try {
      return compilePath(this.#models, this.#text(parts, 'path'));
    } catch (error) {
      if (error instanceof PathFault) throw this.#fault(error.message);
      throw error;
    }
  }

  #text(parts: ReadonlyMap<string, PatchValue>, name: string): string {
    const found = text(parts.get(name));
    if (found === undefined) throw this.#fault(`${name} must be given, as a string`);
    return found;
  }

  #number(parts: ReadonlyMap<string, PatchValue>, name: string): number {
    const part = parts.get(name);
    const digits =
      part?.kind === 'typed' && part.node?.kind === 'scalar' ? part.node.text : undefined;
    if (digits === undefined || !/^\d{1,9}$/.test(digits)) {
      throw this.#fault(`${name} must be given, as a whole number from 0`);
    }
    return Number(digits);
  }

  #value(parts: ReadonlyMap<string, PatchValue>): PatchValue {
    const value = parts.get('value');
    if (value === undefined) throw this.#fault('value must be given');
    return value;
  }

  #parts(parameter: JsonObject): readonly NamedValue[] {
    const parts = arrayOf(member(parameter, 'part')?.value)?.entries ?? [];
    return parts.map(({ value }) => {
      const name = value.kind === 'object' ? nameOf(value) : undefined;
      if (value.kind !== 'object' || name === undefined) throw this.#fault('a part has no name');
      return { name, value: this.#content(value, name) };
    });
  }

  #content(part: JsonObject, name: string): PatchValue {
    const resource = member(part, 'resource');
    if (resource) return { kind: 'resource', node: resource.value };
    if (member(part, 'part')) return { kind: 'parts', parts: this.#parts(part) };
    const properties = this.#models.get('Parameters.parameter')?.properties;
    for (const { name: key } of part.entries) {
      const property = properties?.get(key.replace(/^_/, ''));
      if (property?.element.name !== 'value') continue;
      return {
        kind: 'typed',
        type: property.type,
        node: member(part, property.name)?.value,
        twin: member(part, `_${property.name}`)?.value,
      };
    }
    throw this.#fault(`the part ${JSON.stringify(name.slice(0, 64))} has no value`);
  }

  #fault(detail: string): Error {
    return malformed(this.#index, detail, `Parameters.parameter[${this.#index}]`);
  }
}

function nameOf(parameter: JsonObject): string | undefined {
  return stringOf(member(parameter, 'name')?.value);
}

function text(part: PatchValue | undefined): string | undefined {
  return part?.kind === 'typed' ? stringOf(part.node) : undefined;
}
