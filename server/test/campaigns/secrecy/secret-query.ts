import { Corpus } from '../../oracle/corpus.ts';
import { urlPairs } from '../../oracle/url-pairs.ts';
import { Asker } from '../search/random-question.ts';
import { heldResources } from '../search/held.ts';
import type { Random } from '../search/random.ts';
import type { Sample } from './samples.ts';

/** Searches about everything there is, hidden or not, with what else could tell of it: totals, pages, includes. */
export function secretQueries(
  samples: readonly Sample[],
  random: Random,
  number: number,
): string[] {
  const asker = new Asker(new Corpus(heldResources(samples)), random);
  return Array.from({ length: number }, () =>
    random.chance(0.35) ? otherQuery(samples, random) : typeQuery(asker, random),
  );
}

function typeQuery(asker: Asker, random: Random): string {
  const question = asker.question();
  const pairs = [...urlPairs({ ...question, count: random.pick([1, 2, 5, 50]) })];
  if (random.chance(0.5)) pairs.push(['_total', 'accurate']);
  if (random.chance(0.1)) pairs.push(['_summary', 'count']);
  if (random.chance(0.25)) {
    const includes = INCLUDES[question.type] ?? [[['_include', '*']]];
    pairs.push(...random.pick(includes));
  }
  if (random.chance(0.05)) pairs.push(['_contained', random.pick(['true', 'both'])]);
  return text(question.type, pairs);
}

type Pairs = readonly [string, string][];

function text(path: string, pairs: Pairs): string {
  return `${path}?${new URLSearchParams([...pairs]).toString()}`;
}

/** Ways to the data besides the search of one type. */
function otherQuery(samples: readonly Sample[], random: Random): string {
  const types = [...new Set(samples.map(({ resourceType }) => resourceType))];
  const some = (): string =>
    [...new Set([random.pick(types), random.pick(types), 'Binary'])].sort().join(',');
  const patients = samples.filter(({ resourceType }) => resourceType === 'Patient');
  const patient = `Patient/${random.pick(patients).id}`;
  const count: [string, string] = ['_count', String(random.pick([1, 2, 5, 50]))];
  const total = random.pick<Pairs>([
    [],
    [['_total', 'accurate']],
    [['_summary', 'count']],
    [['_sort', '-_lastUpdated']],
    [['_sort', '_id']],
  ]);
  const bare: Pairs = [...total, count];
  const ways: readonly (() => string)[] = [
    () => text('', [['_type', some()], ...bare]),
    () => text('', bare),
    () => text('', [['_type', some()], ['_list', 'mixed'], ...bare]),
    () => text('', [['_type', some()], ['_lastUpdated', 'gt2000'], ...bare]),
    () => text('', [['_type', 'Observation,Condition'], ['code:text', 'Ahorn'], ...bare]),
    () => text('', [['_type', 'Patient,Observation'], ['_filter', '_id ne x'], ...bare]),
    () => text('Binary', bare),
    () => text('Binary', [['_id', random.pick(samples).id], ...bare]),
    () => {
      const { resourceType, id } = random.pick(samples);
      const which = `${id},${random.pick(samples).id}`;
      return text(resourceType, [['_query', 'made-lately'], ['which', which], ...bare]);
    },
    () => text('Binary', [['_lastUpdated', 'gt2000'], ...bare]),
    () => text('DocumentReference', [['_has:List:item:status', 'current'], ...bare]),
    () => text('Observation', [['_list', 'mixed'], ...bare]),
    () => text('List', [['item:Observation.code', '8867-4'], ...bare]),
    () => text('List', [['_include', 'List:item'], ...bare]),
    () => text(`${patient}/Observation`, bare),
    () => text(`${patient}/*`, bare),
    () => text(`Practitioner/${random.pick(['doctor', 'nurse'])}/*`, bare),
    () => text(`${patient}/$everything`, [count]),
    () => text('Patient/$everything', [count]),
    () => text(`${random.pick(types)}/_history`, [count]),
    () => text('_history', [count]),
    () => text(`${random.pick(samples).resourceType}/${random.pick(samples).id}/_history`, [count]),
    () =>
      text('Patient', [['_sort', '-organization:Organization.partof:Organization.name'], ...bare]),
    () =>
      text('Observation', [
        ['_sort', 'patient:Patient.family,-has-member:Observation.date'],
        ...bare,
      ]),
  ];
  return random.pick(ways)();
}

const INCLUDES: Readonly<Record<string, readonly Pairs[]>> = {
  Patient: [
    [['_revinclude', 'Observation:patient']],
    [['_revinclude', '*']],
    [['_include', 'Patient:organization']],
    [
      ['_revinclude', 'DocumentReference:patient'],
      ['_include:iterate', 'DocumentReference:author'],
    ],
    [
      ['_include', 'Patient:organization'],
      ['_revinclude:iterate', 'Patient:organization'],
      ['_revinclude:iterate', 'Observation:patient'],
    ],
  ],
  Organization: [
    [['_revinclude', 'Patient:organization']],
    [['_revinclude', '*']],
    [
      ['_revinclude', 'Patient:organization'],
      ['_revinclude:iterate', 'Condition:patient'],
    ],
  ],
  Observation: [
    [['_include', 'Observation:has-member']],
    [
      ['_include', 'Observation:has-member'],
      ['_include:iterate', 'Observation:has-member'],
    ],
    [['_include:iterate', 'Observation:patient']],
    [['_revinclude', 'List:item']],
  ],
  Practitioner: [[['_revinclude', 'Observation:performer']]],
  Encounter: [[['_revinclude', 'Condition:encounter']]],
};
