import { people, startApp } from '../../support/app.ts';
import type { Answer, TestApp } from '../../support/app.ts';
import { medicationRequest, observation, patient } from '../../support/clinical-samples.ts';
import { targets } from '../../support/hostile-queries.ts';
import { r4 } from '../../support/r4.ts';
import { Random } from '../search/random.ts';
import { shaped } from './shaped.ts';
import type { Shaped } from './shaped.ts';
import { blockedBy, LONGEST } from './unhurried.ts';

/** The whole server in this process, with a patient's data in it. */
export async function startWithPatient(): Promise<TestApp> {
  const server = await startApp();
  const all = [
    patient('b', 'Berg'),
    ...Array.from({ length: 20 }, (_, i) => observation(`b${i}`, 'b', '1-1')),
    medicationRequest('r', 'b'),
  ];
  for (const resource of all) {
    const path = `${resource.resourceType}/${resource.id}`;
    const answer = await server.ask(people.ehr, 'PUT', path, { body: JSON.stringify(resource) });
    if (answer.status !== 201) throw new Error(`${path} is answered with ${answer.status}`);
  }
  return server;
}

const WAYS = ['GET', 'GET', 'POST', 'lenient', 'system'] as const;

/** A sample of all hostile searches through routes, authorisation, consent, store and ledger. */
export async function overHttp(
  values: readonly string[],
  { seed, requests }: { readonly seed: number; readonly requests: number },
): Promise<readonly string[]> {
  const server = await startWithPatient();
  const random = new Random(seed);
  const named = targets(r4).map((target) => (value: string): Shaped => ({ target, value }));
  const elsewhere = [...shaped(r4, values)];
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  try {
    for (let i = 0; i < requests; i += 1) {
      const ask = i % 4 === 0 ? random.pick(elsewhere) : random.pick(named)(random.pick(values));
      const way = random.pick(WAYS);
      const found = await send(server, ask, way);
      statuses.set(found.status, (statuses.get(found.status) ?? 0) + 1);
      const { type, name } = ask.target;
      const asking = `${way} ${type}?${name}=${ask.value}`.slice(0, 160);
      for (const fault of found.faults) faults.push(`http: ${JSON.stringify(asking)}: ${fault}`);
    }
    const control = await server.ask(people.doctor, 'GET', 'Observation?code=1-1');
    if (!control.text.includes('"b1"')) faults.push('http: the control finds nothing');
  } finally {
    await server.close();
  }
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${n} × ${status}`);
  console.log(`http: ${requests} requests: ${counts.join(', ')}; ${faults.length} faults`);
  return faults;
}

const write = (text: string): string => encodeURIComponent(text.toWellFormed());

async function send(
  server: TestApp,
  { target: { type, name }, value }: Shaped,
  way: (typeof WAYS)[number],
): Promise<{ readonly status: number; readonly faults: readonly string[] }> {
  const query = `${write(name)}=${write(value)}`;
  const path = way === 'system' ? '' : type;
  // Header lines are bounded by Node itself; a form is not.
  const posted = way === 'POST' || query.length > 8_000;
  let answer: Answer | undefined;
  const ask = async (): Promise<void> => {
    answer = posted
      ? await server.ask(people.doctor, 'POST', `${path}/_search`.replace(/^\//, ''), {
          body: query,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        })
      : await server.ask(people.doctor, 'GET', `${path}?${query}`, {
          headers: way === 'lenient' ? { prefer: 'handling=lenient' } : {},
        });
  };
  const start = performance.now();
  await ask();
  const blocked = performance.now() - start > LONGEST ? await blockedBy(ask) : 0;
  if (answer === undefined) throw new Error('there is no answer');
  const faults = faultsOf(answer, name);
  if (blocked > LONGEST) faults.push(`blocked others for ${blocked.toFixed(0)} ms`);
  return { status: answer.status, faults };
}

interface Outcome {
  readonly resourceType?: string;
  readonly issue?: readonly { readonly diagnostics?: string; readonly expression?: string[] }[];
}

function faultsOf({ status, text, headers }: Answer, name: string): string[] {
  if (status >= 500) return [`${status} ${text.slice(0, 300)}`];
  if (!String(headers['content-type']).startsWith('application/fhir+')) {
    return [`${status} is answered with ${String(headers['content-type'])}`];
  }
  const { resourceType, issue = [] } = JSON.parse(text) as Outcome;
  if (status === 200) return resourceType === 'Bundle' ? [] : [`200 with ${resourceType}`];
  if (resourceType !== 'OperationOutcome') return [`${status} with ${resourceType}`];
  const told = issue.flatMap((each) => [each.diagnostics ?? '', ...(each.expression ?? [])]);
  return told.some((each) => names(each, name)) ? [] : [`${status} names nothing: ${told.join()}`];
}

/** A parameter is named by any of the names that lead through others, as it may be shown back. */
function names(told: string, name: string): boolean {
  const [code = '', ...more] = name.slice(0, 64).split(/[:.]/);
  return [code, ...more.filter((part) => part !== '')]
    .map((part) => part.toWellFormed().replaceAll(/[^\x20-\x7e]/g, '?'))
    .some((part) => told.includes(part));
}
