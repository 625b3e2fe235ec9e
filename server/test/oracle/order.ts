import type { Corpus, Held } from './corpus.ts';
import type { Element } from './element.ts';
import { dateStretch, parameterOf } from './judge.ts';
import { point, rangeStretch } from './numbers.ts';
import type { Json } from './official.ts';
import type { ParameterType } from './parameters.ts';
import { amountOf } from './quantities.ts';
import type { Question } from './question.ts';
import { isOurs, referenceText } from './references.ts';
import { sorted, textsOf } from './strings.ts';
import { tokensOf } from './tokens.ts';

type Key = number | string | undefined;

/**
 * Compares two answers as the server documents it: the least value of each ascending, the greatest descending; a range
 * counts by its start; resources without a value come last in both directions; then the id, ascending.
 */
export function inOrder(
  corpus: Corpus,
  { sort }: Pick<Question, 'sort'>,
): (a: Held, b: Held) => number {
  const byKeys = bySortKeys(corpus, sort);
  return (a, b) => byKeys(a, b) || compareText(a.id, b.id);
}

/** The same without the id: 0 for what the keys do not tell apart. */
export function bySortKeys(corpus: Corpus, sort: Question['sort']): (a: Held, b: Held) => number {
  const keys = new Map<Held, readonly Key[]>();
  const keysOf = (held: Held): readonly Key[] => {
    const known = keys.get(held) ?? sort.map((key) => sortKey(corpus, held, key));
    keys.set(held, known);
    return known;
  };
  return (a, b) => {
    for (const [i, { descending }] of sort.entries()) {
      const difference = compareKeys(keysOf(a)[i], keysOf(b)[i], descending);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function compareKeys(a: Key, b: Key, descending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const ascending = compareKnown(a, b);
  return descending ? -ascending : ascending;
}

function compareKnown(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareText(String(a), String(b));
}

/** By code points. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sortKey(
  corpus: Corpus,
  held: Held,
  { code, descending, through = [] }: Question['sort'][number],
): Key {
  const found = through
    .reduce<readonly Held[]>((from, link) => from.flatMap((one) => led(corpus, one, link)), [held])
    .flatMap((one) => {
      const parameter = parameterOf(one.type, code);
      return corpus.elements(one, parameter).flatMap((element) => keysIn(element, parameter.type));
    });
  return found.reduce<Key>((best, key) => {
    if (best === undefined) return key;
    return compareKnown(key, best) < 0 === descending ? best : key;
  }, undefined);
}

function led(
  corpus: Corpus,
  from: Held,
  { code, type }: { readonly code: string; readonly type: string },
): readonly Held[] {
  const targets = new Set(corpus.targets(from, parameterOf(from.type, code)));
  return corpus.of(type).filter(({ id }) => targets.has(`${type}/${id}`));
}

function keysIn(element: Element, type: ParameterType): readonly (number | string)[] {
  switch (type) {
    case 'date':
      return defined(
        [dateStretch(element)].map((stretch) => stretch && (stretch.low ?? -Infinity)),
      );
    case 'number': {
      const stretch =
        element.type === 'Range' ? rangeStretch(element.value as Json) : point(element.value);
      return defined([stretch && start(stretch.low)]);
    }
    case 'quantity': {
      // Of sampled data, the least value they may have is the server's choice.
      if (element.type === 'SampledData')
        return defined(
          [point((element.value as Json)['lowerLimit'])].map((low) => low && start(low.low)),
        );
      const stretch = amountOf(element)?.stretch;
      return defined([stretch && start(stretch.low)]);
    }
    case 'string':
      return textsOf(element.type, element.value).map(sorted);
    case 'token':
      // Text that is compared without case stands in that order too.
      return defined(
        tokensOf(element).map(({ code, letters }) =>
          letters === 'any' ? code?.toLowerCase() : code,
        ),
      );
    case 'reference': {
      const { value } = element;
      const text = typeof value === 'string' ? value : referenceText(element);
      return defined([text === undefined ? undefined : (isOurs(text) ?? text)]);
    }
    default:
      return [String(element.value)];
  }
}

function start(low: { readonly units: bigint; readonly places: number } | undefined): number {
  return low === undefined ? -Infinity : Number(`${low.units}e${-low.places}`);
}

function defined<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}
