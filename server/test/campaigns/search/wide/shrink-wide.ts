import { simplerCriteria, without } from '../shrink.ts';
import type { IncludeAsked } from '../../../oracle/includes.ts';
import type { WideQuestion } from './wide-question.ts';

/** The simplest question that still fails, found by leaving out one thing after the other. */
export async function shrinkWide(
  question: WideQuestion,
  fails: (candidate: WideQuestion) => Promise<boolean>,
): Promise<WideQuestion> {
  for (const simpler of simplerQuestions(question)) {
    if (await fails(simpler)) return shrinkWide(simpler, fails);
  }
  return question;
}

function* simplerQuestions(question: WideQuestion): Generator<WideQuestion> {
  const { within, ...anywhere } = question;
  const { total, ...untold } = question;
  if (question.post) yield { ...question, post: false };
  if (question.countOnly) yield { ...question, countOnly: false };
  if (total !== undefined) yield untold;
  // Anywhere there are types that some of the criteria mean nothing to.
  if (within !== undefined && question.types !== undefined) yield anywhere;
  yield* withLess(question);
  yield* withSimplerParts(question);
  if (question.count !== 1000) yield { ...question, count: 1000 };
}

function* withLess(question: WideQuestion): Generator<WideQuestion> {
  for (const includes of without(question.includes)) yield { ...question, includes };
  for (const sort of without(question.sort)) yield { ...question, sort };
  for (const criteria of without(question.criteria)) yield { ...question, criteria };
  for (const types of without(question.types ?? []))
    if (types.length > 0) yield { ...question, types, typeInPath: false };
}

function* withSimplerParts(question: WideQuestion): Generator<WideQuestion> {
  const { criteria, includes } = question;
  for (const [i, criterion] of criteria.entries())
    for (const simpler of simplerCriteria(criterion))
      yield { ...question, criteria: criteria.with(i, simpler) };
  for (const [i, include] of includes.entries())
    for (const simpler of simplerIncludes(include))
      yield { ...question, includes: includes.with(i, simpler) };
}

function* simplerIncludes({ target, ...include }: IncludeAsked): Generator<IncludeAsked> {
  if (target !== undefined) yield include;
  if (include.iterate) yield { ...include, ...(target && { target }), iterate: false };
}
