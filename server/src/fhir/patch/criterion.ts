import { createFhirPath } from '../fhirpath/engine.ts';
import { FhirPathFault } from '../fhirpath/fault.ts';
import type { Tree } from '../fhirpath/parse.ts';
import type { Json } from '../rule.ts';
import type { TypeModels } from '../type-model.ts';
import type { Element } from './element.ts';
import { print, type JsonObject } from './json-tree.ts';
import type { Work } from './work.ts';

/**
 * Functions whose result depends on the element alone and whose cost stays near its size: no patterns, no clock, nothing
 * that joins or multiplies values.
 */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['exists', 'empty', 'not', 'all', 'count', 'where', 'hasValue', 'extension', 'type'],
  ...['first', 'last', 'tail', 'single', 'skip', 'take', 'ofType', 'as', 'is'],
  ...['startsWith', 'endsWith', 'contains', 'length', 'lower', 'upper', 'substring', 'indexOf'],
  ...['toString', 'toInteger', 'toDecimal'],
]);

/** Tells whether an expression is true of an element; of one that it cannot be evaluated on it is not. */
export type Criterion = (element: Element, work: Work) => boolean;

/** Undefined for an expression that uses what may not decide about an element. */
export function compileCriterion(models: TypeModels, tree: Tree): Criterion | undefined {
  if (!isCriterion(tree)) return undefined;
  try {
    const evaluate = createFhirPath(models).prepare(tree);
    return (element, work) => {
      try {
        const result = evaluate(typed(element, work));
        return result.length === 1 && (result[0]?.system ?? result[0]?.value) === true;
      } catch (error) {
        if (error instanceof FhirPathFault) return false;
        throw error;
      }
    };
  } catch (error) {
    if (error instanceof FhirPathFault) return undefined;
    throw error;
  }
}

function isCriterion(tree: Tree | undefined): boolean {
  if (tree === undefined) return true;
  switch (tree.kind) {
    case 'variable':
      return false;
    case 'special':
      return tree.name === '$this';
    case 'member':
      return isCriterion(tree.of);
    case 'call':
      return FUNCTIONS.has(tree.name) && isCriterion(tree.of) && tree.parameters.every(isCriterion);
    case 'index':
      return isCriterion(tree.of) && isCriterion(tree.index);
    case 'sign':
    case 'is':
    case 'as':
      return isCriterion(tree.of);
    case 'binary':
      return !JOINING.has(tree.operator) && isCriterion(tree.left) && isCriterion(tree.right);
    default:
      return true;
  }
}

const JOINING: ReadonlySet<string> = new Set(['&', '|']);

function typed(
  { type, node, twin }: Element,
  work: Work,
): { readonly type: string; readonly value: unknown; readonly twin: Json | undefined } {
  const value = node === undefined ? undefined : parsed(node, work);
  return { type, value: value ?? undefined, twin: twin && (parsed(twin, work) as Json) };
}

function parsed(node: NonNullable<Element['node']> | JsonObject, work: Work): unknown {
  const text = print(node);
  work.spend(text.length);
  return JSON.parse(text) as unknown;
}
