import type { Definitions, SearchParameterDefinition } from '../fhir/definitions.ts';
import type { TypeModels } from '../fhir/type-model.ts';
import { impliedSystems } from './code-systems.ts';
import { compileExpression } from './expression/compile-expression.ts';
import { isWhole, leafTypes } from './expression/element-path.ts';
import type { ElementPath } from './expression/element-path.ts';
import { isIndexable } from './entries/converters.ts';
import type { IndexedType } from './finding.ts';
import type { SearchParameter, CompositeGroup } from './search-parameter.ts';

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

/** Returns what a definition makes of a parameter; undefined where no index can back it. */
export function compileParameter(
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
