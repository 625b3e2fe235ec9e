import type { Definitions, SearchParameterDefinition } from '../fhir/definitions.ts';
import type { Issue } from '../fhir/errors.ts';
import { createTypeModels } from '../fhir/type-model.ts';
import type { TypeModels } from '../fhir/type-model.ts';
import { impliedSystems } from './code-systems.ts';
import type { CodeSystems } from './code-systems.ts';
import type { CustomParameter } from './custom-parameter.ts';
import { CustomParameters } from './custom-parameters.ts';
import { compileExpression } from './indexing/compile-expression.ts';
import { isWhole, leafTypes } from './indexing/element-path.ts';
import type { ElementPath } from './indexing/element-path.ts';
import { isIndexable } from './indexing/index-converters.ts';
import type { IndexedType } from './finding.ts';

/** A search parameter that is backed by index entries. */
export interface SearchParameter {
  readonly code: string;
  readonly type: IndexedType | 'composite';
  readonly url: string;
  readonly paths: readonly ElementPath[];
  /** Types a reference may point to; empty: any. */
  readonly targets: readonly string[];
  /** For tokens whose values name no system themselves. Undefined for other parameters. */
  readonly implied?: CodeSystems;
  /** Tokens whose every value is a `string`, or a ContactPoint's: compared without case (R4 search.html#token). */
  readonly caseless?: true;
  /** Describes a composite parameter, whose own `paths` are empty. */
  readonly composite?: Composite;
  /** Its values are whole resources, whose own parameters are indexed under `<code>.<theirs>`. */
  readonly embedded?: true;
}

export interface Composite {
  /** Says what each part is compared as; the code is that of the whole. */
  readonly parts: readonly (SearchParameter & { readonly type: IndexedType })[];
  /** Says where the parts stand together. */
  readonly groups: readonly CompositeGroup[];
}

export interface CompositeGroup {
  readonly at: ElementPath;
  /** One for each part: from the element on, or from the resource. */
  readonly parts: readonly {
    readonly paths: readonly ElementPath[];
    readonly ofResource: boolean;
  }[];
}

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
  /** Why the parameter cannot be indexed, by element; information on types where R4's meaning of its code stays. */
  readonly review: (parameter: CustomParameter) => readonly Issue[];
  /** Codes that R4 defines for the type and the index does not back: parameters that look at no single element. */
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
  'special',
]);

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
        : compile(sources, { type, base }, definition);
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
    compile: (of, definition) => compile(sources, of, definition),
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

function compile(
  sources: { readonly definitions: Definitions; readonly models: TypeModels },
  of: { readonly type: string; readonly base: string },
  definition: SearchParameterDefinition,
): SearchParameter | undefined {
  if (definition.type === 'composite') return compileComposite(sources, of, definition);
  if (!INDEXED.has(definition.type) || definition.expression === undefined) return undefined;
  const { type } = definition;
  const paths = compileExpression(sources.models, of.base, definition.expression);
  const backed = backedBy(type, paths);
  if (backed.length === 0) return undefined;
  const implied = type === 'token' ? impliedSystems(sources, of.base, backed) : undefined;
  return {
    code: definition.code,
    type,
    url: definition.url,
    paths: backed,
    targets: definition.targets ?? [],
    ...(implied ? { implied } : {}),
    ...(type === 'reference' && backed.some(endsInResource) ? { embedded: true as const } : {}),
    ...(type === 'token' && backed.every(endsInString) ? { caseless: true as const } : {}),
  };
}

function endsInString(path: ElementPath): boolean {
  return leafTypes(path).every((leaf) => leaf === 'string' || leaf === 'ContactPoint');
}

function endsInResource(path: ElementPath): boolean {
  return leafTypes(path).includes('Resource');
}

function backedBy(type: IndexedType, paths: readonly ElementPath[]): readonly ElementPath[] {
  return paths.filter((path) => leafTypes(path).some((leaf) => isIndexable(type, leaf)));
}

/** More parts than a store has columns for. */
const MOST_PARTS = 3;
const OF_RESOURCE = '%resource.';

function compileComposite(
  sources: { readonly definitions: Definitions; readonly models: TypeModels },
  { base }: { readonly base: string },
  { code, url, expression = '', components = [] }: SearchParameterDefinition,
): SearchParameter | undefined {
  if (components.length === 0 || components.length > MOST_PARTS) return undefined;
  const defined = components.map(({ definition }) => byUrl(sources.definitions, definition));
  const { models } = sources;
  const groups: CompositeGroup[] = [];
  const parts: (SearchParameter & { readonly type: IndexedType })[] = [];
  for (const at of compileExpression(models, base, expression)) {
    for (const from of isWhole(at) ? [base] : leafTypes(at)) {
      const group = components.map(({ expression: text }, i) => {
        const ofResource = text.startsWith(OF_RESOURCE);
        const start = ofResource ? base : from;
        const all = compileExpression(
          models,
          start,
          ofResource ? text.slice(OF_RESOURCE.length) : text,
        );
        // R4 gives the parts of DocumentReference's relationship each other's definitions.
        const fitting = [defined[i], ...defined].find((each) => each && fits(each.type, all));
        if (!fitting || !isSingle(fitting.type)) return undefined;
        const { type, targets = [] } = fitting;
        const paths = backedBy(type, all);
        const implied = type === 'token' ? impliedSystems(sources, start, paths) : undefined;
        parts[i] ??= { code, type, url, paths, targets, ...(implied ? { implied } : {}) };
        return { paths, ofResource };
      });
      if (group.includes(undefined)) return undefined;
      groups.push({ at, parts: group.filter((part) => part !== undefined) });
    }
  }
  return { code, type: 'composite', url, paths: [], targets: [], composite: { parts, groups } };
}

function fits(type: SearchParameterDefinition['type'], paths: readonly ElementPath[]): boolean {
  return isSingle(type) && backedBy(type, paths).length > 0;
}

function isSingle(type: SearchParameterDefinition['type']): type is IndexedType {
  return type !== 'composite' && type !== 'special';
}

function byUrl(definitions: Definitions, url: string): SearchParameterDefinition | undefined {
  for (const list of definitions.searchParameters.values()) {
    const found = list.find((each) => each.url === url);
    if (found) return found;
  }
  return undefined;
}
