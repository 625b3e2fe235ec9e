import { decimalOf } from './decimal.ts';
import { FhirPathFault } from './fault.ts';
import { boolean, numberOf, ofTemporal, string } from './item.ts';
import type { Item, System } from './item.ts';
import type { Tree } from './parse.ts';
import { NONE } from './scope.ts';
import type { Step } from './scope.ts';
import { temporalOf, timeOf } from './temporal.ts';

type Literal = Extract<
  Tree,
  { readonly kind: 'empty' | 'boolean' | 'string' | 'number' | 'date' | 'time' | 'quantity' }
>;

export function literal(tree: Literal): Step {
  switch (tree.kind) {
    case 'empty':
      return () => NONE;
    case 'boolean':
      return constant(boolean(tree.value));
    case 'string':
      return constant(string(tree.text));
    case 'number':
      return constant(present(numberOf(tree.text), tree.text));
    case 'date':
      return constant(present(ofTemporal(temporalOf(tree.text)), tree.text));
    case 'time':
      return constant(present(ofTemporal(timeOf(tree.text)), tree.text));
    case 'quantity':
      return constant(quantity(tree.text, tree.unit));
  }
}

function constant(item: Item): Step {
  const items = [item];
  return () => items;
}

function present(value: System | undefined, text: string): System {
  if (value === undefined) throw new FhirPathFault(`${text} is no value`);
  return value;
}

function quantity(text: string, unit: string): System {
  return {
    type: 'Quantity',
    system: { value: decimalOf(text) ?? { digits: 0n, places: 0 }, unit },
  };
}
