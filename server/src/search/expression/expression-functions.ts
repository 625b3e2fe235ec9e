/** Functions that give some of what they are given, or all of it. */
export const SAME: ReadonlySet<string> = new Set([
  ...['first', 'last', 'tail', 'single', 'skip', 'take', 'distinct', 'intersect', 'exclude'],
  ...['trace', 'sort', 'getValue'],
]);

const MADE: ReadonlyMap<string, string> = new Map([
  ...each('boolean', [
    ...['exists', 'all', 'empty', 'not', 'hasValue', 'allTrue', 'allFalse', 'anyTrue', 'anyFalse'],
    ...['subsetOf', 'supersetOf', 'isDistinct', 'contains', 'startsWith', 'endsWith', 'matches'],
    ...['matchesFull', 'toBoolean', 'isEquivalent', 'comparable'],
  ]),
  ...each('string', [
    ...['toString', 'upper', 'lower', 'trim', 'substring', 'replace', 'replaceMatches', 'join'],
    ...['split', 'toChars', 'encode', 'decode', 'escape', 'unescape'],
  ]),
  ...each('decimal', [
    ...['count', 'length', 'indexOf', 'lastIndexOf', 'toInteger', 'toDecimal', 'abs', 'ceiling'],
    ...['floor', 'truncate', 'round', 'exp', 'ln', 'log', 'sqrt', 'power', 'precision'],
  ]),
  ...each('System.Date', ['toDate', 'toDateTime', 'toTime', 'lowBoundary', 'highBoundary']),
  ...each('System.Quantity', ['toQuantity']),
]);

/** Says why a function cannot be in an expression by which resources are found. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...each('its result is not the same tomorrow', ['now', 'today', 'timeOfDay']),
  ...each('its result depends on what else is stored', ['memberOf', 'conformsTo']),
  ...each('of what a reference leads to only the type can be asked: resolve() is Patient', [
    'resolve',
  ]),
  ...each('what it leads to has no definite type', [
    'children',
    'descendants',
    'aggregate',
    'type',
  ]),
]);

function each(what: string, names: readonly string[]): (readonly [name: string, what: string])[] {
  return names.map((name) => [name, what]);
}

/** The type of what a function makes; that of a function of `SAME` means nothing. @throws SyntaxError */
export function madeBy(name: string): string {
  const type = name.startsWith('convertsTo') || SAME.has(name) ? 'boolean' : MADE.get(name);
  if (type === undefined) {
    throw new SyntaxError(`${name}(): ${REFUSED.get(name) ?? 'it makes nothing to search by'}`);
  }
  return type;
}
