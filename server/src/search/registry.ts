import type { Definitions, SearchParameterDefinition } from '../fhir/definitions.ts';
import { createTypeModels } from '../fhir/type-model.ts';
import type { TypeModels } from '../fhir/type-model.ts';
import { compilePaths, leafTypes } from './element-path.ts';
import type { ElementPath } from './element-path.ts';
import { isIndexable } from './index-converters.ts';
import type { IndexedType } from './index-converters.ts';

/** A search parameter that is backed by index entries. */
export interface SearchParameter {
  readonly code: string;
  readonly type: IndexedType;
  readonly url: string;
  readonly paths: readonly ElementPath[];
  /** Types a reference may point to; empty: any. */
  readonly targets: readonly string[];
  /**
   * For tokens whose every value is a plain `code`: its implied code systems by code, since the element itself
   * names none. Undefined for other parameters.
   */
  readonly implied?: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Registry {
  readonly definitions: Definitions;
  /** By code, the parameters of all resources included; empty for unknown types. */
  readonly parameters: (type: string) => ReadonlyMap<string, SearchParameter>;
  /** Codes that R4 defines for the type and the index does not back: composite, special, embedded resources. */
  readonly unsupported: (type: string) => ReadonlySet<string>;
}

/** `_id` and `_lastUpdated` are columns of their own in every store. */
const COLUMNS = new Set(['_id', '_lastUpdated']);

const INDEXED = new Set<string>([
  'token',
  'string',
  'date',
  'reference',
  'uri',
  'number',
  'quantity',
]);

/** Compiles the parameters of a type when they are first asked for. */
export function createRegistry(definitions: Definitions): Registry {
  const models = createTypeModels(definitions);
  const compiled = new Map<string, ReadonlyMap<string, SearchParameter>>();
  const parameters = (type: string): ReadonlyMap<string, SearchParameter> => {
    const known = compiled.get(type);
    if (known) return known;
    const made = new Map<string, SearchParameter>();
    for (const { definition, base } of published(definitions, type)) {
      const parameter = COLUMNS.has(definition.code)
        ? undefined
        : compile({ definitions, models }, { type, base }, definition);
      if (parameter) made.set(parameter.code, parameter);
    }
    compiled.set(type, made);
    return made;
  };
  return {
    definitions,
    parameters,
    unsupported: (type) => {
      const backed = parameters(type);
      const codes = published(definitions, type).map(({ definition }) => definition.code);
      return new Set(codes.filter((code) => !backed.has(code) && !COLUMNS.has(code)));
    },
  };
}

function published(
  definitions: Definitions,
  type: string,
): { base: string; definition: SearchParameterDefinition }[] {
  if (definitions.types.get(type)?.kind !== 'resource') return [];
  return [type, 'DomainResource', 'Resource'].flatMap((base) =>
    (definitions.searchParameters.get(base) ?? []).map((definition) => ({ base, definition })),
  );
}

function compile(
  sources: { readonly definitions: Definitions; readonly models: TypeModels },
  of: { readonly type: string; readonly base: string },
  definition: SearchParameterDefinition,
): SearchParameter | undefined {
  if (!INDEXED.has(definition.type) || definition.expression === undefined) return undefined;
  const type = definition.type as IndexedType;
  const paths = compilePaths(sources.models, of.base, definition.expression);
  const backed = paths.filter((path) => leafTypes(path).some((leaf) => isIndexable(type, leaf)));
  if (backed.length === 0) return undefined;
  const implied = type === 'token' ? impliedSystems(sources, of.base, backed) : undefined;
  return {
    code: definition.code,
    type,
    url: definition.url,
    paths: backed,
    targets: definition.targets ?? [],
    ...(implied ? { implied } : {}),
  };
}

function impliedSystems(
  { definitions, models }: { readonly definitions: Definitions; readonly models: TypeModels },
  base: string,
  paths: readonly ElementPath[],
): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const implied = new Map<string, Set<string>>();
  for (const path of paths) {
    if (leafTypes(path).some((leaf) => leaf !== 'code')) return undefined;
    let type = base;
    let binding: string | undefined;
    for (const step of path.steps) {
      const property = models.get(type)?.properties.get(step.properties[0]?.name ?? '');
      binding = property?.element.binding;
      type = property?.type ?? '';
    }
    const systems = binding === undefined ? undefined : definitions.valueSets.get(binding);
    for (const [system, codes] of systems ?? []) {
      for (const code of codes) implied.set(code, (implied.get(code) ?? new Set()).add(system));
    }
  }
  return implied;
}
