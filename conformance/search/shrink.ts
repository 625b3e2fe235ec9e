import type { Criterion, Question } from './oracle/question.ts';

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
  const { criteria, sort, count } = question;
  if (count !== 1000) yield { ...question, count: 1000 };
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

function* simplerCriteria(criterion: Criterion): Generator<Criterion> {
  if (criterion.op === 'value') {
    for (const values of without(criterion.values))
      if (values.length > 0) yield { ...criterion, values };
  }
  if (criterion.op === 'chain' || criterion.op === 'has') {
    for (const then of simplerCriteria(criterion.then)) yield { ...criterion, then };
  }
}

function without<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.map((_, i) => items.toSpliced(i, 1));
}
