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

/** Tells of an element whether the expression is true of it; one that cannot be evaluated is not. */
export function meets(criterion: Atom, root: Element): (element: Element) => boolean {
  const resource = mentionsResource(criterion) ? typed(root) : undefined;
  return (element) => {
    const $this = typed(element);
    const variables =
      resource === undefined
        ? { $this }
        : { $this, '%resource': resource, '%context': resource, '%rootResource': resource };
    try {
      const result = criterion.eval({ variables }, [$this]);
      return result.length === 1 && result[0]?.value === true;
    } catch {
      return false;
    }
  };
}

/** To parse the whole resource for each `where` would cost much. */
function mentionsResource(criterion: Atom): boolean {
  return criterion.toString().includes('%');
}

function typed({ type, node, twin }: Element): TypedValue {
  const value = node === undefined ? undefined : valueOf(node);
  const extended = value === undefined && twin !== undefined ? valueOf(twin) : value;
  return { type, value: extended };
}
