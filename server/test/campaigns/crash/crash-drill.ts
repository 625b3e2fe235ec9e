import assert from 'node:assert/strict';
import { people } from '../../support/app.ts';
import { entry, observation, uuid } from '../../support/bundles.ts';
import type { ServerProcess } from '../../support/server-process.ts';

const WRITERS = 8;
const OBSERVATIONS = 20;
const SHARED = 'Basic/shared';
const SYSTEM = 'urn:crash';

export interface CrashReport {
  readonly kills: number;
  /** Transactions that were answered; that were under way when the server died, and of these, what was there afterwards. */
  readonly answered: number;
  readonly interrupted: number;
  readonly whole: number;
}

/** Milliseconds of work before each kill: from the first transaction's first steps to the thick of many. */
export function crashDelays(kills: number): readonly number[] {
  return Array.from({ length: kills }, (_, i) => 5 + ((i * 37) % 600));
}

interface Attempt {
  readonly name: string;
  readonly answered: boolean;
}

/**
 * Kills a server again and again while it works on transactions, starts it again, and looks for each of them by read,
 * search, history and evidence: whole or absent, and there when it was answered.
 *
 * @param delays milliseconds of work before each kill
 */
export async function crashDrill(
  server: ServerProcess,
  delays: readonly number[],
): Promise<CrashReport> {
  await server.start();
  const report = { kills: 0, answered: 0, interrupted: 0, whole: 0 };
  const present = new Set<string>();
  // Each transaction changes it, so that they also compete; its versions count those that are there.
  let versions = 0;
  for (const [round, delay] of delays.entries()) {
    const attempts = await workUntilKilled(server, round, delay);
    await server.start();
    for (const attempt of attempts) {
      const there = await inspect(server, attempt.name);
      assert.ok(there || !attempt.answered, `${attempt.name} was answered and is lost`);
      versions += there ? 1 : 0;
      if (there) present.add(attempt.name);
      report.answered += attempt.answered ? 1 : 0;
      report.interrupted += attempt.answered ? 0 : 1;
      report.whole += there && !attempt.answered ? 1 : 0;
    }
    report.kills += 1;
    if (report.kills % 10 === 0) console.error('so far', JSON.stringify(report));
    assert.equal(await historyOfShared(server), versions, 'each left its version, or none');
    await anchored(server);
  }
  const listed = await listedInHistory(server);
  assert.deepEqual([...listed.keys()].sort(), [...present].sort());
  for (const [name, count] of listed) assert.equal(count, OBSERVATIONS, name);
  return report;
}

async function workUntilKilled(
  server: ServerProcess,
  round: number,
  delay: number,
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  let killed = false;
  const work = async (writer: number): Promise<void> => {
    for (let turn = 0; !killed; turn += 1) {
      const name = `r${round}-w${writer}-t${turn}`;
      const answer = await server
        .ask(people.ehr, 'POST', '', { body: transactionOf(name) })
        .catch(() => undefined);
      // Others may win the shared resource eight times in a row: then nothing is there.
      const refused = answer !== undefined && answer.status !== 200;
      if (refused) assert.equal(answer.status, 409, answer.text);
      if (!refused) attempts.push({ name, answered: answer !== undefined });
    }
  };
  const working = Array.from({ length: WRITERS }, (_, writer) => work(writer));
  await new Promise((resolve) => setTimeout(resolve, delay));
  killed = true;
  await server.kill();
  await Promise.all(working);
  return attempts;
}

function transactionOf(name: string): string {
  const entries = [
    entry('PUT', `Patient/${name}`, { resourceType: 'Patient', id: name }, { fullUrl: uuid(0) }),
    ...Array.from({ length: OBSERVATIONS }, (_, i) =>
      entry(
        'POST',
        'Observation',
        observation(uuid(0), { identifier: [{ system: SYSTEM, value: name }] }),
        i === 0 ? { ifNoneExist: `identifier=${SYSTEM}|${name}&code:text=none` } : {},
      ),
    ),
    entry('PUT', SHARED, { resourceType: 'Basic', id: 'shared', code: { text: name } }),
  ];
  return `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
}

/** Whether the transaction is there. @throws AssertionError when a part of it is */
async function inspect(server: ServerProcess, name: string): Promise<boolean> {
  const ask = (path: string) => server.ask(people.ehr, 'GET', path);
  const patient = await ask(`Patient/${name}`);
  assert.ok(patient.status === 200 || patient.status === 404, patient.text);
  const there = patient.status === 200;
  const found = await ask(`Observation?identifier=${SYSTEM}|${name}&_count=100`);
  const { entry: entries = [] } = JSON.parse(found.text) as {
    entry?: { resource: { id: string; subject: { reference: string } } }[];
  };
  assert.equal(entries.length, there ? OBSERVATIONS : 0, `${name}: ${found.text.slice(0, 500)}`);
  assert.equal((await ask(`Patient/${name}/_history`)).status, patient.status);
  const sample = entries[entries.length - 1]?.resource;
  if (sample !== undefined) {
    assert.equal(sample.subject.reference, `Patient/${name}`);
    const proof = await ask(`Observation/${sample.id}/_history/1/$evidence`);
    assert.equal(proof.status, 200, proof.text);
  }
  return there;
}

async function historyOfShared(server: ServerProcess): Promise<number> {
  const answer = await server.ask(people.ehr, 'GET', `${SHARED}/_history?_count=1`);
  if (answer.status === 404) return 0;
  return (JSON.parse(answer.text) as { total: number }).total;
}

/** Observations in the history of their type, by transaction. */
async function listedInHistory(server: ServerProcess): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let next = 'Observation/_history?_count=500'; next !== '';) {
    const answer = await server.ask(people.ehr, 'GET', next);
    assert.equal(answer.status, 200, answer.text);
    const page = JSON.parse(answer.text) as {
      link: { relation: string; url: string }[];
      entry?: { resource?: { identifier?: { system: string; value: string }[] } }[];
    };
    for (const { resource } of page.entry ?? []) {
      const [identifier] = resource?.identifier ?? [];
      if (identifier?.system !== SYSTEM) continue;
      counts.set(identifier.value, (counts.get(identifier.value) ?? 0) + 1);
    }
    next = page.link.find(({ relation }) => relation === 'next')?.url.split('/fhir/')[1] ?? '';
  }
  return counts;
}

/** Every leaf gets to the ledger: none was left over, none stands in the way. */
async function anchored(server: ServerProcess): Promise<void> {
  for (let i = 0; (await server.metric('chartseal_leaf_backlog')) !== 0; i += 1) {
    assert.ok(i < 400, 'leaves do not get to the ledger');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
