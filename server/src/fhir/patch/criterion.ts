import {
  ConcatAtom,
  EmptySetAtom,
  FunctionAtom,
  IndexerAtom,
  InfixOperatorAtom,
  LiteralAtom,
  PrefixOperatorAtom,
  SymbolAtom,
  UnionAtom,
  type Atom,
  type TypedValue,
} from '@medplum/core';
import type { Element } from './element.ts';
import { print } from './json-tree.ts';
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

/** Whether an expression is one that may decide about an element. */
export function isCriterion(atom: Atom): boolean {
  if (atom instanceof LiteralAtom || atom instanceof EmptySetAtom) return true;
  if (atom instanceof SymbolAtom) return !/^[$%]/.test(atom.name) || atom.name === '$this';
  if (atom instanceof ConcatAtom || atom instanceof UnionAtom) return false;
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
export function meets(criterion: Atom, element: Element, work: Work): boolean {
  const $this = typed(element, work);
  try {
    const result = criterion.eval({ variables: { $this } }, [$this]);
    return result.length === 1 && result[0]?.value === true;
  } catch {
    return false;
  }
}

function typed({ type, node, twin }: Element, work: Work): TypedValue {
  const seen = node ?? twin;
  if (seen === undefined) return { type, value: undefined };
  const text = print(seen);
  work.spend(text.length);
  return { type, value: JSON.parse(text) as unknown };
}
