import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Conformance resources of the official package, as far as they are read here. */
export interface Source {
  readonly structures: readonly StructureDefinition[];
  readonly searchParameters: readonly SearchParameter[];
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly codeSystems: ReadonlyMap<string, CodeSystem>;
  readonly compartments: readonly CompartmentDefinition[];
}

export interface CompartmentDefinition {
  /** Resource type whose compartment it is. */
  readonly code: string;
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

export interface StructureDefinition {
  readonly resourceType: 'StructureDefinition';
  readonly url: string;
  readonly fhirVersion: string;
  readonly kind: 'resource' | 'complex-type' | 'primitive-type' | 'logical';
  readonly abstract: boolean;
  readonly type: string;
  readonly baseDefinition?: string;
  readonly derivation?: 'specialization' | 'constraint';
  readonly snapshot: { readonly element: readonly SourceElement[] };
}

export interface SourceElement {
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly type?: readonly SourceType[];
  readonly contentReference?: string;
  readonly isSummary?: boolean;
  readonly isModifier?: boolean;
  readonly binding?: {
    readonly strength: string;
    readonly valueSet?: string;
    readonly extension?: readonly { readonly url: string; readonly valueCanonical?: string }[];
  };
  readonly constraint?: readonly {
    readonly key: string;
    readonly severity: string;
    readonly human: string;
    readonly expression?: string;
  }[];
}

export interface SourceType {
  readonly code: string;
  readonly targetProfile?: readonly string[];
  readonly extension?: readonly { readonly url: string; readonly valueUrl?: string }[];
}

export interface SearchParameter {
  readonly resourceType: 'SearchParameter';
  readonly id: string;
  readonly url: string;
  readonly code: string;
  readonly type: string;
  readonly base?: readonly string[];
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

export interface ValueSet {
  readonly resourceType: 'ValueSet';
  readonly url: string;
  readonly compose?: {
    readonly include: readonly ValueSetPart[];
    readonly exclude?: readonly ValueSetPart[];
  };
}

export interface ValueSetPart {
  readonly system?: string;
  readonly concept?: readonly { readonly code: string }[];
  readonly filter?: readonly unknown[];
  readonly valueSet?: readonly string[];
}

interface CodeSystem {
  readonly resourceType: 'CodeSystem';
  readonly url: string;
  readonly content: string;
  readonly concept?: readonly Concept[];
}

export interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

type Conformance = StructureDefinition | SearchParameter | ValueSet | CodeSystem;

/** Names the compartments of R4; the package holds an example besides. */
const COMPARTMENTS = ['patient', 'encounter', 'relatedPerson', 'practitioner', 'device'];

/** Reads the unpacked package `hl7.fhir.r4.examples`, which holds R4's own conformance resources beside the examples. */
export function readSource(folder: string): Source {
  const structures: StructureDefinition[] = [];
  const searchParameters: SearchParameter[] = [];
  const valueSets = new Map<string, ValueSet>();
  const codeSystems = new Map<string, CodeSystem>();
  for (const name of readdirSync(folder).sort()) {
    if (!/^(StructureDefinition|SearchParameter|ValueSet|CodeSystem)-/.test(name)) continue;
    const resource = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Conformance;
    if (resource.resourceType === 'StructureDefinition') structures.push(resource);
    else if (resource.resourceType === 'SearchParameter') searchParameters.push(resource);
    else if (resource.resourceType === 'ValueSet') valueSets.set(resource.url, resource);
    else codeSystems.set(resource.url, resource);
  }
  const compartments = COMPARTMENTS.map((name) => {
    const text = readFileSync(join(folder, `CompartmentDefinition-${name}.json`), 'utf8');
    return JSON.parse(text) as CompartmentDefinition;
  });
  return {
    structures,
    searchParameters,
    valueSets,
    codeSystems,
    compartments,
  };
}
