import type { Corpus, Held } from '../../oracle/corpus.ts';
import type { Json } from '../../oracle/official.ts';
import { objects, text } from '../../oracle/official.ts';
import type { Named, Question } from '../../oracle/question.ts';
import type { Random } from './random.ts';

const LATELY = 'made-lately';

/** Definitions of named queries: one of all types, and one whose values are parts of its criteria. */
export function madeQueries(): readonly Json[] {
  return [
    definition(LATELY, 'Resource', '?_id={{%which}}&_lastUpdated=ge{{%since}}'),
    definition(
      'made-coded',
      'Observation',
      'Observation?code=http://loinc.org|{{%code}}&status=final,amended&date=ge{{%from}}',
    ),
  ];
}

/** What the first of them finds something by in a corpus, and what finds nothing. */
export function queryCases(corpus: Corpus, type: string): readonly Named[] | undefined {
  const [first, second] = corpus.of(type);
  if (first === undefined || second === undefined) return undefined;
  const since = writtenAt(first);
  if (since === undefined) return undefined;
  const name = LATELY;
  return [
    { name, values: { which: `${first.id},${second.id}`, since } },
    { name, values: { since } },
    { name, values: { which: first.id, since: '2200-01-01' } },
    { name, values: { which: 'none-such' } },
  ];
}

/** The first, asked about a resource and others of its type, or about all since then; undefined where it is not defined. */
export function lately(
  corpus: Corpus,
  type: string,
  { focus, random }: { readonly focus: Held | undefined; readonly random: Random },
): Named | undefined {
  const isDefined = corpus
    .of('OperationDefinition')
    .some(({ resource }) => resource['code'] === LATELY);
  if (!isDefined) return undefined;
  const all = corpus.of(type);
  const some = [focus ?? random.pick(all), random.pick(all), random.pick(all)];
  const since = writtenAt(random.pick(some));
  const which = some.map(({ id }) => id).join(',');
  return {
    name: LATELY,
    values: {
      ...(random.chance(0.7) && { which }),
      ...(random.chance(0.5) && since !== undefined && { since }),
    },
  };
}

function writtenAt({ resource }: Held): string | undefined {
  return text((resource['meta'] as Json | undefined)?.['lastUpdated']);
}

/** The second, asked by what the observations of a corpus say, and by what they say nearly. */
export function codedQueries(corpus: Corpus): readonly Question[] {
  return corpus.of('Observation').flatMap(({ resource }): readonly Question[] => {
    const [coding] = objects((resource['code'] as Json | undefined)?.['coding']);
    const code = text(coding?.['code']);
    const from = text(resource['effectiveDateTime'])?.slice(0, 10);
    if (code === undefined || from === undefined) return [];
    return [{ code, from }, { code }, { from }, { code, from: '2199' }].map((values) => ({
      type: 'Observation',
      criteria: [],
      query: { name: 'made-coded', values },
      sort: [],
      count: 1000,
    }));
  });
}

function definition(code: string, resource: string, expression: string): Json {
  const names = [...new Set([...expression.matchAll(/%(\w+)/g)].map(([, name = '']) => name))];
  return {
    resourceType: 'OperationDefinition',
    id: code,
    extension: [
      {
        url: 'https://chartseal.example.org/fhir/StructureDefinition/named-query-criteria',
        valueExpression: { language: 'application/x-fhir-query', expression },
      },
    ],
    name: code,
    status: 'active',
    kind: 'query',
    code,
    resource: [resource],
    system: false,
    type: true,
    instance: false,
    parameter: names.map((name) => ({ name, use: 'in', min: 0, max: '1', type: 'string' })),
  };
}
