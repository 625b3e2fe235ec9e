import { parametersOf } from '../../../oracle/parameters.ts';
import type { Parameter } from '../../../oracle/parameters.ts';
import type { Criterion, FilterTest } from '../../../oracle/question.ts';

/** Whether a criterion that means something for one type means as much for another. */
export function fits(criterion: Criterion, first: string, other: string): boolean {
  switch (criterion.op) {
    case 'list':
      return true;
    case 'filter':
      return testFits(criterion.test, first, other);
    case 'has': {
      const parameter = parametersOf(criterion.type).get(criterion.code);
      return parameter?.targets.includes(other) === true;
    }
    case 'chain': {
      const alike = parameterOfBoth(criterion.code, first, other);
      return alike?.targets.includes(criterion.type) === true;
    }
    case 'missing':
    case 'value': {
      const alike = parameterOfBoth(criterion.code, first, other);
      if (alike === undefined) return false;
      const modifier = criterion.op === 'value' ? criterion.modifier : undefined;
      if (alike.type !== 'reference' || modifier === undefined) return true;
      return /^[A-Z]/.test(modifier) ? alike.targets.includes(modifier) : modifier === 'identifier';
    }
  }
}

function testFits(test: FilterTest, first: string, other: string): boolean {
  switch (test.kind) {
    case 'test':
      return fits(test.criterion, first, other);
    case 'not':
      return testFits(test.of, first, other);
    default:
      return test.of.every((part) => testFits(part, first, other));
  }
}

/** The other type's parameter of this name, if it is of the same kind; a pair must be the very same one. */
function parameterOfBoth(code: string, first: string, other: string): Parameter | undefined {
  const [one, two] = [parametersOf(first).get(code), parametersOf(other).get(code)];
  if (one === undefined || one.type !== two?.type) return undefined;
  return one.type === 'composite' && one.url !== two.url ? undefined : two;
}
