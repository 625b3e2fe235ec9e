import { createFhirPath } from '../../fhir/fhirpath/engine.ts';
import { FhirPathFault } from '../../fhir/fhirpath/fault.ts';
import { isSystem } from '../../fhir/fhirpath/item.ts';
import type { Item, System } from '../../fhir/fhirpath/item.ts';
import { parse } from '../../fhir/fhirpath/parse.ts';
import type { Tree } from '../../fhir/fhirpath/parse.ts';
import type { TypeModels } from '../../fhir/type-model.ts';
import { leafTypes } from './element-path.ts';
import type { ElementPath, Evaluated, Step } from './element-path.ts';
import { placesOf, start } from './expression-places.ts';
import type { Destination, Leading } from './expression-steps.ts';
import { object, text } from './json.ts';

/**
 * Types whose member `code` has its system from elsewhere in the resource, and which type's member that is:
 * https://hl7.org/fhir/R4/codesystem.html, valueset.html, conceptmap.html
 */
const SYSTEMS: ReadonlyMap<string, { readonly of: string; readonly member: string }> = new Map([
  ['CodeSystem.concept', { of: 'CodeSystem', member: 'url' }],
  ['ConceptMap.group.element', { of: 'ConceptMap.group', member: 'source' }],
  ['ConceptMap.group.element.target', { of: 'ConceptMap.group', member: 'target' }],
  ['ValueSet.compose.include.concept', { of: 'ValueSet.compose.include', member: 'system' }],
  ['ValueSet.expansion.contains', { of: 'ValueSet.expansion.contains', member: 'system' }],
]);

const TRUTH = /^([\w.]+)\.exists\(\) and \1 != false$/;

/** Bounds what one expression may take of one resource: enough to visit each element of a large one several times. */
const MOST_STEPS = 500_000;

/**
 * Paths to the values of an expression in resources of a type, or in its elements: `value.as(Quantity)`. Of a union
 * what starts at other types is left out.
 * @throws SyntaxError that says what is wrong or cannot be indexed
 */
export function compileExpression(
  models: TypeModels,
  base: string,
  expression: string,
): ElementPath[] {
  const [, truth] = TRUTH.exec(expression) ?? [];
  if (truth !== undefined) {
    return compileExpression(models, base, truth).map((path) => ({ ...path, truth: true }));
  }
  try {
    const paths = unionOf(parse(expression)).flatMap((part) => compilePart(models, base, part));
    if (paths.length > 0) return paths;
  } catch (error) {
    throw error instanceof FhirPathFault ? new SyntaxError(error.message) : error;
  }
  throw new SyntaxError(`no part of it starts at ${base}`);
}

function unionOf(tree: Tree): readonly Tree[] {
  if (tree.kind !== 'binary' || tree.operator !== '|') return [tree];
  return [...unionOf(tree.left), ...unionOf(tree.right)];
}

function compilePart(models: TypeModels, base: string, tree: Tree): ElementPath[] {
  const on: Leading = { models, base, plain: true };
  const places = placesOf(tree, [start(base)], on);
  if (places.length === 0) return [];
  if (on.plain) return places.map(({ steps }) => withSystem(base, steps));
  if (on.typed !== undefined) {
    throw new SyntaxError(`${on.typed} is no element: write value.ofType(…) for a valueX`);
  }
  const shapes = places.map(shapeOf);
  return [{ steps: [], evaluated: { shapes, values: evaluation(on, tree, shapes) } }];
}

function shapeOf({ steps, types, made }: Destination): ElementPath {
  return made ? { steps: [], made: types[0] ?? '' } : { steps };
}

function withSystem(base: string, steps: readonly Step[]): ElementPath {
  const types = [[base], ...steps.map(({ properties }) => properties.map(({ type }) => type))];
  const named = steps.at(-1)?.properties.every(({ name }) => name === 'code')
    ? SYSTEMS.get(types.at(-2)?.[0] ?? '')
    : undefined;
  const depth = types.findLastIndex(([type]) => named !== undefined && type === named.of);
  if (named === undefined || depth < 0) return { steps };
  return { steps, system: { depth, member: named.member } };
}

/** An expression that fails on a resource, as `single()` of several, has no value there. */
function evaluation(
  { models, base }: Leading,
  tree: Tree,
  shapes: readonly ElementPath[],
): Evaluated['values'] {
  const step = createFhirPath(models).prepare(tree);
  const leaves = [...new Set(shapes.flatMap(leafTypes))];
  const only = leaves.length === 1 ? leaves[0] : undefined;
  return (value) => {
    const type = text(object(value)['resourceType']) ?? base;
    try {
      return step({ type, value }, { most: MOST_STEPS }).flatMap((item) => found(item));
    } catch (error) {
      if (error instanceof FhirPathFault) return [];
      throw error;
    }
  };

  function found(item: Item): { readonly value: unknown; readonly type: string }[] {
    if (isSystem(item)) {
      const value = plainValue(item);
      return value === undefined ? [] : [{ value, type: only ?? typeof value }];
    }
    if (item.value === undefined) return [];
    const isResource = models.get(item.type)?.kind === 'resource';
    return [{ value: item.value, type: isResource ? 'Resource' : item.type }];
  }
}

function plainValue(item: System): string | number | boolean | undefined {
  switch (item.type) {
    case 'Boolean':
    case 'String':
      return item.system;
    case 'Integer':
    case 'Decimal': {
      const { digits, places } = item.system;
      return Number(digits) / 10 ** places;
    }
    default:
      return undefined;
  }
}
