import { expected, fault } from './compare.ts';
import { absentValue, drawValue } from './draw-value.ts';
import { heldResources } from './held.ts';
import { madeContainers } from './made-containers.ts';
import { madeHierarchies } from './made-hierarchies.ts';
import { madeQueries, queryCases } from './made-queries.ts';
import { madeResource } from './made-resource.ts';
import { Corpus } from '../../oracle/corpus.ts';
import type { Held } from '../../oracle/corpus.ts';
import type { Element } from '../../oracle/element.ts';
import { matches } from '../../oracle/judge.ts';
import type { Json } from '../../oracle/official.ts';
import { allParameters, parameterAt } from '../../oracle/parameters.ts';
import type { Parameter } from '../../oracle/parameters.ts';
import type { Question, Value } from '../../oracle/question.ts';
import { urlPairs } from '../../oracle/url-pairs.ts';
import type { Production } from './production.ts';
import { Random } from './random.ts';

export interface Pair {
  readonly base: string;
  readonly parameter: Parameter;
}

export interface Verdict extends Pair {
  readonly outcome: 'agrees' | 'differs' | 'not implemented' | 'not judged';
  readonly why?: string;
}

/** Every (base, code) pair of R4. */
const allPairs: readonly Pair[] = allParameters.flatMap((parameter) =>
  parameter.bases.map((base) => ({ base, parameter })),
);

/** For parameters of all resources: one type stands for them. */
function concrete(base: string): string {
  return base === 'Resource' || base === 'DomainResource' ? 'Basic' : base;
}

/** The corpus, resources made for pairs whose values it lacks, and resources that contain some of all of these. */
export function withMadeResources(resources: readonly Json[]): readonly Json[] {
  const corpus = new Corpus(heldResources(resources));
  const made = allPairs
    .filter(({ base, parameter }) => {
      if (parameter.expression === undefined) return false;
      return positiveCase(corpus, concrete(base), parameter) === undefined;
    })
    .map(({ base, parameter }) => {
      const type = concrete(base);
      return madeResource(
        type,
        `made-${type}-${parameter.code.replace('_', '')}`.slice(0, 64),
        parameter,
      );
    });
  const all = [...resources, ...made, ...madeHierarchies(), ...madeQueries()];
  return [...all, ...madeContainers(all)];
}

/** One positive and one negative case of each pair. */
export async function judgePairs(corpus: Corpus, production: Production): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const pair of allPairs)
    verdicts.push({ ...pair, ...(await judgePair(corpus, production, pair)) });
  return verdicts;
}

async function judgePair(
  corpus: Corpus,
  production: Production,
  { base, parameter }: Pair,
): Promise<Pick<Verdict, 'outcome' | 'why'>> {
  const type = concrete(base);
  const cases =
    parameter.code === '_query' ? queries(corpus, type) : values(corpus, type, parameter);
  if (cases === undefined) return { outcome: 'not judged', why: 'no value to search for' };
  for (const one of cases) {
    const question: Question = { type, criteria: [], sort: [], count: 1000, ...one };
    const reply = await production.ask(question);
    const wrong = fault(expected(corpus, question), reply);
    if (wrong === undefined) continue;
    const outcome =
      'refused' in reply && !reply.supported ? 'not implemented' : ('differs' as const);
    return { outcome, why: `${type}?${urlPairs(question)[0]?.join('=') ?? ''}: ${wrong}` };
  }
  return { outcome: 'agrees' };
}

type Case = Pick<Question, 'query'> | Pick<Question, 'criteria'>;

/** What has a value of the parameter, and what has not. */
function values(corpus: Corpus, type: string, parameter: Parameter): readonly Case[] | undefined {
  const positive = positiveCase(corpus, type, parameter);
  if (positive === undefined) return undefined;
  const parts = parameter.components.map(
    ({ definition }) => parameterAt(definition)?.type ?? 'token',
  );
  return [positive, absentValue(parameter.type, parts)].map((value) => ({
    criteria: [{ op: 'value', code: parameter.code, values: [value] }],
  }));
}

/** No resource has a value of it: it names what a definition in the corpus says. */
function queries(corpus: Corpus, type: string): readonly Case[] | undefined {
  return queryCases(corpus, type)?.map((query) => ({ query }));
}

function positiveCase(corpus: Corpus, type: string, parameter: Parameter): Value | undefined {
  const random = new Random(1);
  for (const held of corpus.of(type)) {
    for (const element of corpus.elements(held, parameter)) {
      const drawn = drawPlain(held, element, { parameter, random });
      if (drawn === undefined) continue;
      const criteria = [{ op: 'value', code: parameter.code, values: [drawn] }] as const;
      if (matches(corpus, held, { type, criteria, sort: [], count: 1 }) === true) return drawn;
    }
  }
  return undefined;
}

function drawPlain(
  { resource }: Held,
  element: Element,
  { parameter, random }: { readonly parameter: Parameter; readonly random: Random },
): Value | undefined {
  for (let attempt = 0; attempt < 5; attempt++) {
    const drawn = drawValue(resource, element, parameter, { random, plain: true });
    if (drawn !== undefined) return drawn.value;
  }
  return undefined;
}
