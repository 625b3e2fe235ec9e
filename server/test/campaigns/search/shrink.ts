import type { Contained, Criterion, FilterTest, Question } from '../../oracle/question.ts';

/** The simplest question that still fails, found by leaving out one thing after the other. */
export async function shrink(
  question: Question,
  fails: (candidate: Question) => Promise<boolean>,
): Promise<Question> {
  for (const simpler of simplerQuestions(question)) {
    if (await fails(simpler)) return shrink(simpler, fails);
  }
  return question;
}

function* simplerQuestions(question: Question): Generator<Question> {
  const { query, ...plain } = question;
  if (query !== undefined) yield plain;
  const { criteria, sort, count } = question;
  if (count !== 1000) yield { ...question, count: 1000 };
  for (const contained of simplerContained(question.contained)) yield { ...question, contained };
  for (const fewer of without(sort)) yield { ...question, sort: fewer };
  for (const fewer of without(criteria)) yield { ...question, criteria: fewer };
  for (const [i, criterion] of criteria.entries()) {
    for (const simpler of simplerCriteria(criterion))
      yield { ...question, criteria: criteria.with(i, simpler) };
    // What stands at the end of a link may fail by itself.
    if (criterion.op === 'chain' || criterion.op === 'has')
      yield {
        ...question,
        type: criterion.type,
        sort: [],
        criteria: [criterion.then],
      };
  }
}

function* simplerContained(contained: Contained | undefined): Generator<Contained> {
  if (contained === undefined) return;
  const { which, shown } = contained;
  if (shown !== undefined) yield { which };
  if (which === 'both') yield { ...contained, which: 'true' };
}

export function* simplerCriteria(criterion: Criterion): Generator<Criterion> {
  if (criterion.op === 'value') {
    for (const values of without(criterion.values))
      if (values.length > 0) yield { ...criterion, values };
  }
  if (criterion.op === 'filter') {
    for (const test of simplerTests(criterion.test)) yield { op: 'filter', test };
    if (criterion.test.kind === 'test') yield criterion.test.criterion;
  }
  if (criterion.op === 'chain' || criterion.op === 'has') {
    for (const then of simplerCriteria(criterion.then)) yield { ...criterion, then };
  }
}

function* simplerTests(test: FilterTest): Generator<FilterTest> {
  if (test.kind === 'test') return;
  const parts = test.kind === 'not' ? [test.of] : test.of;
  yield* parts;
  if (test.kind === 'not') for (const of of simplerTests(test.of)) yield { kind: 'not', of };
  else
    for (const [i, part] of test.of.entries())
      for (const simpler of simplerTests(part)) yield { ...test, of: test.of.with(i, simpler) };
}

export function without<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.map((_, i) => items.toSpliced(i, 1));
}
