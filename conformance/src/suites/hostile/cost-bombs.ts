import { people } from '../../../../server/test/support/app.ts';
import { startWithPatient } from './over-http.ts';
import { blockedBy, LONGEST } from './unhurried.ts';

const times = (count: number, text: string): string => text.repeat(count);
const many = (count: number, text: (i: number) => string, by: string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(by);

/** Searches that would cost too much, each beside one of its kind that does not. */
const BOMBS: readonly (readonly [kind: string, bomb: string, harmless: string])[] = [
  [
    'values',
    `Observation?code=${many(2_000, (i) => `c${i}`, ',')}`,
    `Observation?code=${many(500, (i) => `c${i}`, ',')}`,
  ],
  [
    'parameters',
    `Observation?${many(65, () => 'code=a', '&')}`,
    `Observation?${many(64, () => 'code=a', '&')}`,
  ],
  [
    'values of many parameters',
    `Observation?${many(60, () => 'code=a,b,c,d,e,f,g,h,i', '&')}`,
    `Observation?${many(50, () => 'code=a,b,c,d,e,f,g,h,i', '&')}`,
  ],
  [
    'a long value',
    `Observation?code=${times(100_000, 'a')}`,
    `Observation?code=${times(8_000, 'a')}`,
  ],
  ['a long name', `Observation?${times(100_000, 'a')}=a`, `Observation?code:text=a`],
  [
    'a deep chain',
    `Encounter?${times(6, 'part-of.')}status=finished`,
    `Encounter?${times(5, 'part-of.')}status=finished`,
  ],
  ['a wide chain', `Provenance?target.name=a`, `Provenance?target:Patient.name=a`],
  [
    'a wide and deep chain',
    `Provenance?target.subject.organization.name=a`,
    `Provenance?target:Observation.subject:Patient.organization.name=a`,
  ],
  [
    'nested _has',
    `Encounter?${times(6, '_has:Encounter:part-of:')}status=finished`,
    `Encounter?${times(5, '_has:Encounter:part-of:')}status=finished`,
  ],
  [
    'chains in _has',
    `Encounter?${times(3, '_has:Encounter:part-of:part-of.')}status=finished`,
    `Encounter?_has:Encounter:part-of:part-of.status=finished`,
  ],
  [
    'tests in _filter',
    `Observation?_filter=${many(65, () => 'code eq a', ' or ')}`,
    `Observation?_filter=${many(64, () => 'code eq a', ' or ')}`,
  ],
  [
    'levels in _filter',
    `Observation?_filter=${times(17, '(')}code eq a${times(17, ')')}`,
    `Observation?_filter=${times(15, '(')}code eq a${times(15, ')')}`,
  ],
  [
    'a long _filter',
    `Observation?_filter=${many(8_000, () => 'code eq a', ' or ')}`,
    `Observation?_filter=code eq a`,
  ],
  [
    'includes',
    `Observation?${many(33, () => '_include=Observation:subject', '&')}`,
    `Observation?${many(30, () => '_include=Observation:subject', '&')}`,
  ],
  [
    'keys of a sort',
    `Observation?_sort=${many(6, (i) => ['code', 'date', 'status', '_id', 'category', 'method'][i] ?? '', ',')}`,
    `Observation?_sort=code,date,status,_id,category`,
  ],
  [
    'a deep sort',
    `Encounter?_sort=${times(4, 'part-of.')}status`,
    `Encounter?_sort=${times(3, 'part-of.')}status`,
  ],
];

/** Lists what costs much without being forbidden: an answer or a refusal, but soon. */
const HEAVY: readonly string[] = [
  `Encounter?${many(64, (i) => `${times(5, 'part-of.')}identifier=a${i}`, '&')}`,
  `Encounter?${many(30, (i) => `${times(5, '_has:Encounter:part-of:')}identifier=a${i}`, '&')}`,
  `Observation?${many(60, () => 'code:not=1-1', '&')}`,
  `Observation?${many(60, () => 'code:text=a', '&')}`,
  `Observation?_filter=${many(60, () => 'subject.name co a', ' and ')}`,
  `Observation?_filter=${times(16, 'not (')}code eq a${times(16, ')')}`,
  `Observation?_include=*&${many(20, () => '_include:iterate=*', '&')}`,
  `Observation?_revinclude=*&${many(20, () => '_revinclude:iterate=*', '&')}`,
  `Patient?name:contains=${many(255, () => 'aa', ',')}`,
  `?_type=Observation,Patient,Encounter&_id=${many(511, (i) => `i${i}`, ',')}`,
  `?_text=${many(255, () => 'a b c', ',')}`,
];

/** Everything is told within this, in milliseconds. */
const SOON = 1_000;
const TRIES = 4;

/** Each is refused with the reason, within a second, while others are served. */
export async function throwCostBombs(): Promise<readonly string[]> {
  const server = await startWithPatient();
  const faults: string[] = [];
  const expect = async (kind: string, url: string, allowed: readonly number[]): Promise<void> => {
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    let least = Infinity;
    let status = 0;
    let text = '';
    const ask = async (): Promise<void> => {
      const began = performance.now();
      ({ status, text } = await server.ask(
        people.ehr,
        'POST',
        path === '' ? '_search' : `${path}/_search`,
        {
          body: query.replaceAll(' ', '+'),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
      ));
      least = Math.min(least, performance.now() - began);
    };
    for (let tries = 0; least > SOON && tries < TRIES; tries += 1) await ask();
    const blocked = await blockedBy(ask);
    if (!allowed.includes(status)) faults.push(`${kind}: ${status} ${text.slice(0, 300)}`);
    if (least > SOON) faults.push(`${kind}: ${status} after ${least.toFixed(0)} ms`);
    if (blocked > LONGEST) faults.push(`${kind}: blocked others for ${blocked.toFixed(0)} ms`);
  };
  try {
    for (const [kind, bomb, harmless] of BOMBS) {
      await expect(kind, bomb, [400, 413]);
      await expect(`${kind}, few`, harmless, [200]);
    }
    for (const url of HEAVY) await expect(url.slice(0, 80), url, [200, 400]);
  } finally {
    await server.close();
  }
  console.log(
    `cost: ${BOMBS.length} kinds of bombs, ${HEAVY.length} heavy searches; ${faults.length} faults`,
  );
  return faults.map((fault) => `cost: ${fault}`);
}
