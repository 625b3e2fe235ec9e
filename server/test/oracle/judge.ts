import { every, not, some } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Corpus, Held } from './corpus.ts';
import { dateHolds, periodStretch, stretchOf, timingStretch } from './dates.ts';
import { partsOf } from './elements.ts';
import type { Element } from './element.ts';
import { freeTextHolds } from './free-text.ts';
import { isWithin } from './hierarchies.ts';
import { criteriaOf } from './named-queries.ts';
import { nearHolds } from './near.ts';
import { numberHolds, point, rangeStretch } from './numbers.ts';
import { objects, text } from './official.ts';
import type { Json } from './official.ts';
import { parameterAt, parametersOf } from './parameters.ts';
import type { Parameter, ParameterType } from './parameters.ts';
import { quantityHolds } from './quantities.ts';
import type { Criterion, FilterTest, Question, Value } from './question.ts';
import { referenceHolds } from './references.ts';
import { stringHolds, textsOf } from './strings.ts';
import {
  hierarchyHolds,
  memberHolds,
  ofTypeHolds,
  tokenHolds,
  tokenTextHolds,
  tokensOf,
} from './tokens.ts';
import { uriHolds } from './uris.ts';

/** Whether a resource is an answer to the question. */
export function matches(corpus: Corpus, held: Held, { type, criteria, query }: Question): Answer {
  if (held.type !== type) return false;
  const all = query === undefined ? criteria : [...criteria, ...criteriaOf(corpus, type, query)];
  return every(all, (criterion) => satisfies(corpus, held, criterion));
}

function satisfies(corpus: Corpus, held: Held, criterion: Criterion): Answer {
  switch (criterion.op) {
    case 'value':
      return valueSatisfies(corpus, held, criterion);
    case 'filter':
      return testHolds(corpus, held, criterion.test);
    case 'list': {
      if (!corpus.has(held)) return false;
      const here = `${held.type}/${held.id}`;
      const item = parameterOf('List', 'item');
      const lists = corpus.of('List').filter(({ id }) => criterion.lists.includes(id));
      return lists.some((list) => corpus.targets(list, item).includes(here));
    }
    case 'missing': {
      const found = corpus.elements(held, parameterOf(held.type, criterion.code));
      return (found.length === 0) === criterion.missing;
    }
    case 'chain': {
      const parameter = parameterOf(held.type, criterion.code);
      const there = corpus.reached(held, parameter).filter(({ type }) => type === criterion.type);
      return some(there, (other) => satisfies(corpus, other, criterion.then));
    }
    case 'has': {
      if (!corpus.has(held)) return false;
      const parameter = parameterOf(criterion.type, criterion.code);
      const here = `${held.type}/${held.id}`;
      return some(corpus.of(criterion.type), (other) =>
        corpus.targets(other, parameter).includes(here)
          ? satisfies(corpus, other, criterion.then)
          : false,
      );
    }
  }
}

function testHolds(corpus: Corpus, held: Held, test: FilterTest): Answer {
  switch (test.kind) {
    case 'and':
      return every(test.of, (part) => testHolds(corpus, held, part));
    case 'or':
      return some(test.of, (part) => testHolds(corpus, held, part));
    case 'not':
      return not(testHolds(corpus, held, test.of));
    case 'test':
      return satisfies(corpus, held, test.criterion);
  }
}

export function parameterOf(type: string, code: string): Parameter {
  const parameter = parametersOf(type).get(code);
  if (parameter === undefined) throw new RangeError(`${type} has no search parameter ${code}`);
  return parameter;
}

function valueSatisfies(
  corpus: Corpus,
  held: Held,
  { code, modifier, values }: Extract<Criterion, { op: 'value' }>,
): Answer {
  const parameter = parameterOf(held.type, code);
  if (parameter.type === 'reference' && (modifier === 'below' || modifier === 'above'))
    return hierarchySatisfies(corpus, corpus.targets(held, parameter), { modifier, values });
  const found = corpus.elements(held, parameter);
  const positive = modifier === 'not' ? undefined : modifier === 'not-in' ? 'in' : modifier;
  const answer = some(values, (value) =>
    some(found, (element) =>
      parameter.type === 'composite'
        ? compositeHolds(held.resource, element, { parameter, value })
        : elementHolds(element, value, {
            type: parameter.type,
            modifier: positive,
            targets: parameter.targets,
          }),
    ),
  );
  if (modifier === 'not') return not(answer);
  // Of a resource that has no such code, or some inside and some outside, R4 does not say what "not in" means.
  if (modifier === 'not-in') return answer === false && found.length > 0 ? true : undefined;
  return answer;
}

/** https://hl7.org/fhir/R4/search.html#recursive */
function hierarchySatisfies(
  corpus: Corpus,
  targets: readonly string[],
  { modifier, values }: { readonly modifier: 'above' | 'below'; readonly values: readonly Value[] },
): boolean {
  return values.some((value) =>
    targets.some((target) => {
      const searched = value.kind === 'text' ? value.text : '';
      const [lower, upper] = modifier === 'below' ? [target, searched] : [searched, target];
      return isWithin(corpus, lower, upper);
    }),
  );
}

function compositeHolds(
  resource: Json,
  element: Element,
  { parameter, value }: { readonly parameter: Parameter; readonly value: Value },
): Answer {
  if (value.kind !== 'composite') throw new TypeError('a composite is needed');
  return every(parameter.components.entries(), ([i, { definition, expression }]) => {
    const part = parameterAt(definition);
    const wanted = value.parts[i];
    if (part === undefined || wanted === undefined) throw new RangeError(definition);
    return some(partsOf(resource, element, expression), (one) =>
      elementHolds(one, wanted, { type: part.type, modifier: undefined, targets: part.targets }),
    );
  });
}

interface As {
  readonly type: ParameterType;
  readonly modifier: string | undefined;
  readonly targets: readonly string[];
}

function elementHolds(element: Element, value: Value, as: As): Answer {
  switch (value.kind) {
    case 'token':
      return tokenValueHolds(element, value, as);
    case 'of-type':
      return ofTypeHolds(element, value);
    case 'near':
      return nearHolds(element, value);
    case 'quantity':
      return quantityHolds(element, value);
    case 'date': {
      // What is put in words is no date.
      if (element.type === 'string') return false;
      const stretch = dateStretch(element);
      // A period or schedule without any date: nothing is said about its time.
      return stretch === undefined ? undefined : dateHolds(stretch, value.prefix, value.text);
    }
    case 'number': {
      const { type, value: found } = element;
      const stretch = type === 'Range' ? rangeStretch(found as Json) : point(found);
      return stretch === undefined ? false : numberHolds(stretch, value.prefix, value.text);
    }
    case 'text':
      return textHolds(element, value.text, as);
    case 'composite':
      throw new TypeError('no composite is here');
  }
}

function tokenValueHolds(
  element: Element,
  value: Extract<Value, { kind: 'token' }>,
  as: As,
): Answer {
  if (as.modifier === 'text') return tokenTextHolds(element, value.code ?? '');
  if (as.modifier === 'above' || as.modifier === 'below')
    return some(tokensOf(element), (token) =>
      hierarchyHolds(token, as.modifier === 'below', value),
    );
  if (as.modifier !== 'identifier')
    return some(tokensOf(element), (token) => tokenHolds(token, value));
  const [identifier] = objects([(element.value as Json | undefined)?.['identifier']]);
  if (identifier === undefined) return false;
  const inside: Element = { type: 'Identifier', definition: '', base: '', value: identifier };
  return some(tokensOf(inside), (token) => tokenHolds(token, value));
}

function textHolds(element: Element, searched: string, { type, modifier, targets }: As): Answer {
  if (type === 'reference') return referenceHolds(element, searched, { modifier, targets });
  if (type === 'token') return some(tokensOf(element), (token) => memberHolds(token, searched));
  if (element.type === 'words') return freeTextHolds(element, searched);
  if (type === 'uri') return uriHolds(String(element.value), modifier, searched);
  return some(textsOf(element.type, element.value), (found) =>
    stringHolds(found, modifier, searched),
  );
}

export function dateStretch({ type, value }: Element): ReturnType<typeof stretchOf> {
  if (type === 'Period') return periodStretch(value as Json);
  if (type === 'Timing') return timingStretch(value as Json);
  return type === 'string' ? undefined : stretchOf(text(value) ?? '');
}
