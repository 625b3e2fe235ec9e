import { randomInt } from 'node:crypto';
import { suiteNumber } from '@chartseal/conformance/suite-option';
import { people, startApp, type Caller, type TestApp } from '../../support/app.ts';
import { observation, patient } from '../../support/clinical-samples.ts';
import { randomOf } from '../../support/moving-world.ts';

/** Says how well, at most, the time of an answer may tell hidden from absent: one half is not at all. */
const MOST = 0.55;

const WAYS: readonly (readonly [caller: Caller, path: string])[] = [
  [people.patientA, 'Observation/{id}'],
  [people.pharmacist, 'Observation/{id}'],
  [people.patientA, 'Observation?_id={id}'],
  [people.pharmacist, 'Observation/{id}/_history?_at=1990'],
  [people.pharmacist, 'Binary/{id}'],
];

/**
 * Asks for what is hidden and for what never was, by turns in a random order, and computes how often an answer for one
 * takes longer than one for the other: `--requests=…` of each and way, `--seed=…`.
 */
export async function runTimingSuite(): Promise<boolean> {
  const requests = suiteNumber('requests', 1_000);
  const seed = suiteNumber('seed', randomInt(2 ** 31));
  console.log(`seed ${seed}`);
  const server = await startApp();
  try {
    await prepare(server);
    let worst = 0;
    for (const [caller, path] of WAYS) {
      const auc = await measure(server, { caller, path, requests, seed });
      worst = Math.max(worst, auc);
      console.log(`${caller.role}: ${path}: AUC ${auc.toFixed(3)}`);
    }
    return worst <= MOST;
  } finally {
    await server.close();
  }
}

async function prepare(server: TestApp): Promise<void> {
  const put = async (path: string, resource: object): Promise<void> => {
    const { status } = await server.ask(people.ehr, 'PUT', path, {
      body: JSON.stringify(resource),
    });
    if (status >= 300) throw new Error(`${path}: ${status}`);
  };
  await put('Patient/b', patient('b', 'B'));
  const { subject, ...rest } = observation('hidden', 'b', 'c');
  await put('Observation/hidden', { ...rest, subject });
  await put('Binary/hidden', {
    ...{ resourceType: 'Binary', id: 'hidden', contentType: 'text/plain', data: 'eA==' },
    securityContext: subject,
  });
}

/** Returns the area under the curve by which the time tells one from the other, from one half. */
async function measure(
  server: TestApp,
  of: {
    readonly caller: Caller;
    readonly path: string;
    readonly requests: number;
    readonly seed: number;
  },
): Promise<number> {
  const random = randomOf(of.seed);
  const times: Record<'hidden' | 'absent', number[]> = { hidden: [], absent: [] };
  const ask = async (id: 'hidden' | 'absent'): Promise<number> => {
    const began = performance.now();
    const { status } = await server.ask(of.caller, 'GET', of.path.replace('{id}', id));
    if (![200, 404].includes(status)) throw new Error(`${of.path}: ${status}`);
    return performance.now() - began;
  };
  for (let warm = 0; warm < 20; warm += 1) await ask(warm % 2 === 0 ? 'hidden' : 'absent');
  for (let pair = 0; pair < of.requests; pair += 1) {
    const order =
      random(2) === 0 ? (['hidden', 'absent'] as const) : (['absent', 'hidden'] as const);
    for (const id of order) times[id].push(await ask(id));
  }
  return areaUnderCurve(times.hidden, times.absent);
}

/** The chance that one of the first is greater than one of the second, or less, whichever is more. */
function areaUnderCurve(some: readonly number[], others: readonly number[]): number {
  const all = [
    ...some.map((value) => ({ value, of: 1 })),
    ...others.map((value) => ({ value, of: 0 })),
  ];
  const ranked = all.sort((a, b) => a.value - b.value);
  const sum = ranked.reduce((total, { of }, i) => total + of * (i + 1), 0);
  const area = (sum - (some.length * (some.length + 1)) / 2) / (some.length * others.length);
  return Math.max(area, 1 - area);
}
