import type { Definitions, SearchParameterDefinition } from '../fhir/definitions.ts';
import type { Issue } from '../fhir/errors.ts';
import { createTypeModels } from '../fhir/type-model.ts';
import type { CustomParameter } from './custom-parameter.ts';
import { CustomParameters } from './custom-parameters.ts';
import type { SearchParameter } from './search-parameter.ts';
import { compileParameter } from './compile-parameter.ts';

export interface Registry {
  readonly definitions: Definitions;
  /** Returns what can be searched by, by code, the parameters of all resources included; empty for unknown types. */
  readonly parameters: (type: string) => ReadonlyMap<string, SearchParameter>;
  /** Returns those of them that R4 itself defines. */
  readonly builtIn: (type: string) => ReadonlyMap<string, SearchParameter>;
  /** Canonical URLs of all parameters that R4 defines for the type, by code, whether or not they can be searched by. */
  readonly official: (type: string) => ReadonlyMap<string, string>;
  /** All of them, with those parameters whose index is not complete yet. */
  readonly indexed: (type: string) => ReadonlyMap<string, SearchParameter>;
  /** Codes of custom parameters whose index is not complete yet. */
  readonly pending: (type: string) => ReadonlySet<string>;
  /** By code that R4 defines for the type: URLs of custom parameters that define it, too, and are not used. Sorted. */
  readonly eclipsed: (type: string) => ReadonlyMap<string, readonly string[]>;
  /** Keys of the custom parameters of the type, sorted. */
  readonly customKeys: (type: string) => readonly string[];
  /** From now on these custom parameters are indexed, and searched by where they are ready. */
  readonly useCustom: (
    parameters: readonly CustomParameter[],
    isReady: (type: string, key: string) => boolean,
  ) => void;
  /** Changes when custom parameters do: what was indexed before may lack something. */
  readonly revision: () => number;
  /** Says why the parameter cannot be indexed, by element; information on types where R4's meaning of its code stays. */
  readonly review: (parameter: CustomParameter) => readonly Issue[];
  /** Codes that R4 defines for the type and the index does not back: parameters that look at no single element. */
  readonly unsupported: (type: string) => ReadonlySet<string>;
}

/** `_id` and `_lastUpdated` are columns of their own in every store. */
const COLUMNS = new Set(['_id', '_lastUpdated']);

/** Compiles the parameters of a type when they are first asked for. */
export function createRegistry(definitions: Definitions): Registry {
  const sources = { definitions, models: createTypeModels(definitions) };
  const compiled = new Map<string, ReadonlyMap<string, SearchParameter>>();
  const officials = new Map<string, ReadonlyMap<string, string>>();
  const builtIn = (type: string): ReadonlyMap<string, SearchParameter> => {
    const known = compiled.get(type);
    if (known) return known;
    const made = new Map<string, SearchParameter>();
    for (const { definition, base } of published(definitions, type)) {
      const parameter = COLUMNS.has(definition.code)
        ? undefined
        : compileParameter(sources, { type, base }, definition);
      if (parameter) made.set(parameter.code, parameter);
    }
    compiled.set(type, made);
    return made;
  };
  const official = (type: string): ReadonlyMap<string, string> => {
    const known = officials.get(type);
    if (known) return known;
    const made = published(definitions, type).map(
      ({ definition: { code, url } }) => [code, url] as const,
    );
    officials.set(type, new Map(made));
    return new Map(made);
  };
  const custom = new CustomParameters<SearchParameter>({
    isType: (type) => definitions.types.get(type)?.kind === 'resource',
    builtIn,
    official,
    compile: (of, definition) => compileParameter(sources, of, definition),
  });
  const parameters = (type: string) => custom.merged(type).searchable;
  return {
    definitions,
    parameters,
    builtIn,
    official,
    indexed: (type) => custom.merged(type).indexed,
    pending: (type) => custom.merged(type).pending,
    eclipsed: (type) => custom.eclipsed(type),
    customKeys: (type) => custom.keys(type),
    useCustom: (all, isReady) => custom.use(all, isReady),
    revision: () => custom.revision,
    review: (parameter) => custom.review(parameter),
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
