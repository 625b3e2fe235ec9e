import {
  EmptySetAtom,
  FunctionAtom,
  IndexerAtom,
  InfixOperatorAtom,
  LiteralAtom,
  PrefixOperatorAtom,
  SymbolAtom,
  type Atom,
  type TypedValue,
} from '@medplum/core';
import type { Element } from './element.ts';
import { valueOf } from './json-tree.ts';

/** Functions whose result depends on the resource alone and whose cost stays near its size: no patterns, no clock. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['exists', 'empty', 'not', 'all', 'count', 'where', 'select', 'hasValue', 'distinct'],
  ...['first', 'last', 'tail', 'single', 'skip', 'take', 'ofType', 'as', 'is', 'extension'],
  ...['startsWith', 'endsWith', 'contains', 'length', 'lower', 'upper', 'substring', 'indexOf'],
  ...['toString', 'toInteger', 'toDecimal', 'iif', 'union', 'intersect', 'type'],
]);
const VARIABLES: ReadonlySet<string> = new Set([
  ...['$this', '%resource', '%context', '%rootResource'],
]);

/** Whether an expression is one that may decide about an element. */
export function isCriterion(atom: Atom): boolean {
  if (atom instanceof LiteralAtom || atom instanceof EmptySetAtom) return true;
  if (atom instanceof SymbolAtom) return !/^[$%]/.test(atom.name) || VARIABLES.has(atom.name);
  if (atom instanceof FunctionAtom) {
    return FUNCTIONS.has(atom.name) && atom.args.every(isCriterion);
  }
  if (atom instanceof IndexerAtom) return isCriterion(atom.left) && isCriterion(atom.expr);
  if (atom instanceof InfixOperatorAtom) {
    return isCriterion(atom.left) && isCriterion(atom.right);
  }
  return atom instanceof PrefixOperatorAtom && isCriterion(atom.child);
}

/** Whether the expression is true of the element; one that cannot be evaluated is not. */
export function meets(criterion: Atom, element: Element, root: Element): boolean {
  const resource = typed(root);
  const self = typed(element);
  const variables = {
    $this: self,
    '%resource': resource,
    '%context': resource,
    '%rootResource': resource,
  };
  try {
    const result = criterion.eval({ variables }, [self]);
    return result.length === 1 && result[0]?.value === true;
  } catch {
    return false;
  }
}

function typed({ type, node, twin }: Element): TypedValue {
  const value = node === undefined ? undefined : valueOf(node);
  const extended = value === undefined && twin !== undefined ? valueOf(twin) : value;
  return { type, value: extended };
}
