import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The R4 (4.0.1) definitions as far as this server uses them, distilled by `scripts/distil-definitions.ts`.
 * Names of types are those of R4 (`Observation`, `HumanName`, `dateTime`); a nested element with children of its
 * own is a type named by its path (`Observation.component`).
 */
export interface Definitions {
  /** `4.0.1` */
  readonly fhirVersion: string;
  readonly types: ReadonlyMap<string, TypeDefinition>;
  /** Codes of `binding` and `usual`: value set URL → code system URL → codes. */
  readonly valueSets: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** By base type, `Resource` and `DomainResource` included. */
  readonly searchParameters: ReadonlyMap<string, readonly SearchParameterDefinition[]>;
  /**
   * R4's compartments by the type they are of: resource type → search parameters whose references put a resource into
   * it, and `_id` where the resource itself lies in its own.
   */
  readonly compartments: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

export interface TypeDefinition {
  readonly kind: 'resource' | 'complex' | 'primitive';
  /** `DomainResource` or `Resource` for resources. */
  readonly base?: string;
  readonly elements: readonly ElementDefinition[];
  readonly constraints?: readonly Constraint[];
}

export interface ElementDefinition {
  /** Without `[x]`. */
  readonly name: string;
  readonly min: number;
  /** Absent: 1. `0`: the element is not allowed at all. `*`: any number. */
  readonly max?: '*' | number;
  /** Absent: exactly one type and the name is the property. Present: a choice, one property per type. */
  readonly choice?: true;
  readonly types: readonly string[];
  /** Types a Reference may point to; absent or empty: any. */
  readonly targets?: readonly string[];
  /** Value set URL of a required binding, a key of `Definitions.valueSets`. */
  readonly binding?: string;
  /** The same of a weaker binding of a code: other codes are allowed, of what system is not known. */
  readonly usual?: string;
  /** Names the system of a code that may be any code of a code system that cannot be listed. */
  readonly system?: string;
  readonly constraints?: readonly Constraint[];
  /** Belongs to a summary. */
  readonly summary?: true;
  /** Can change the meaning of what it stands beside. */
  readonly modifier?: true;
}

/** An invariant: it holds when the FHIRPath expression is true of the element. */
export interface Constraint {
  readonly key: string;
  readonly expression: string;
  readonly human: string;
  /** It should hold; absent: it must. */
  readonly warning?: true;
}

export interface SearchParameterDefinition {
  readonly code: string;
  readonly type:
    | 'token'
    | 'string'
    | 'date'
    | 'reference'
    | 'uri'
    | 'number'
    | 'quantity'
    | 'composite'
    | 'special';
  /** Canonical URL of the SearchParameter. */
  readonly url: string;
  /** FHIRPath over the base type; absent for what has no element of its own, as `_text`. */
  readonly expression?: string;
  /**
   * Holds, for a composite parameter, the URL of each part's own definition, and its FHIRPath from where the
   * expression leads.
   */
  readonly components?: readonly { readonly definition: string; readonly expression: string }[];
  /** Resource types a reference parameter may point to; absent: any. */
  readonly targets?: readonly string[];
}

/** Returns what an element is called in JSON: of a choice one name for each type, in their order. */
export function memberNames({ name, choice, types }: ElementDefinition): readonly string[] {
  if (choice !== true) return [name];
  return types.map((type) => name + type.charAt(0).toUpperCase() + type.slice(1));
}

/** Reads the distilled files from a folder. @throws the file system's error, or SyntaxError, when they are not usable */
export function loadDefinitions(folder: string): Definitions {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const valueSets = read('value-sets.json') as Record<string, Record<string, string[]>>;
  return {
    fhirVersion: '4.0.1',
    types: new Map(Object.entries(read('types.json') as Record<string, TypeDefinition>)),
    valueSets: new Map(
      Object.entries(valueSets).map(([url, systems]) => [
        url,
        new Map(Object.entries(systems).map(([system, codes]) => [system, new Set(codes)])),
      ]),
    ),
    searchParameters: new Map(
      Object.entries(read('search-parameters.json') as Record<string, SearchParameterDefinition[]>),
    ),
    compartments: new Map(
      Object.entries(
        read('compartments.json') as Record<string, Record<string, readonly string[]>>,
      ).map(([type, members]) => [type, new Map(Object.entries(members))]),
    ),
  };
}
