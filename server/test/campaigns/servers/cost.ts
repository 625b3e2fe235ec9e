import { ConsentReplica } from '../../../src/consent/consent-replica.ts';
import { people } from '../../support/app.ts';
import { observation, patient } from '../../support/clinical-samples.ts';
import { startReplicaSet } from '../../support/mongod.ts';
import { startSeveralServers, type SeveralServers } from '../../support/several-servers.ts';

const TURNS = 8;
const READS = 600;
const CLIENTS = 16;

/** Processor time of this process for one read, and what it takes until the last answer of a turn; ms. */
async function turn({
  ask,
}: SeveralServers): Promise<{ readonly cpu: number; readonly wall: number }> {
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  let left = READS;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { status } = await ask(0, people.ehr, ['GET', `Observation/o-${left % 10}`]);
      if (status !== 200) throw new Error(`a read was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000 / READS, wall: (performance.now() - began) / READS };
}

const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;

/** Prints what it costs to ask MongoDB for news of consents before each read, by turns of reads with and without it. */
export async function printCost(): Promise<void> {
  const mongod = await startReplicaSet();
  const world = await startSeveralServers(1, mongod.getUri('cost'));
  try {
    await world.ask(0, people.ehr, ['PUT', 'Patient/a', patient('a', 'Adams')]);
    for (let i = 0; i < 10; i += 1) {
      await world.ask(0, people.ehr, [
        'PUT',
        `Observation/o-${i}`,
        observation(`o-${i}`, 'a', 'c'),
      ]);
    }
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back as the method that it is
    const { catchUp } = ConsentReplica.prototype;
    const measured: Record<'asking' | 'not', { cpu: number[]; wall: number[] }> = {
      asking: { cpu: [], wall: [] },
      not: { cpu: [], wall: [] },
    };
    await turn(world);
    for (let i = 0; i < TURNS; i += 1) {
      for (const which of i % 2 ? (['not', 'asking'] as const) : (['asking', 'not'] as const)) {
        ConsentReplica.prototype.catchUp = which === 'asking' ? catchUp : () => Promise.resolve();
        const { cpu, wall } = await turn(world);
        measured[which].cpu.push(cpu);
        measured[which].wall.push(wall);
      }
    }
    for (const what of ['cpu', 'wall'] as const) {
      const [asking, not] = [median(measured.asking[what]), median(measured.not[what])];
      const ratio = (asking / not).toFixed(3);
      console.log(
        `${what}: ${asking.toFixed(3)} ms a read asking, ${not.toFixed(3)} not: ${ratio}`,
      );
    }
  } finally {
    await world.close();
    await mongod.stop();
  }
}
